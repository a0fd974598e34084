"""A line in the log for each request to the cloud: whose it was, to which service, and what it asked for.

`role s3 PUT /bucket/key`, `root dynamodb UpdateItem`. A role's are the functions', the root user's are yours and the
tests'. What a picture costs is counted by them.
"""

from __future__ import annotations

import logging
import os
import re
from typing import Any

log = logging.getLogger("requests")

CREDENTIAL = re.compile(r"Credential=(?P<key>[^/]+)/\d+/[^/]+/(?P<service>[^/]+)/")


def note(scope: dict[str, Any]) -> None:
    """Logs a request that is signed; health checks and the like are not."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    signed = CREDENTIAL.search(headers.get("authorization", ""))
    if signed is None:
        return
    target = headers.get("x-amz-target", "").rpartition(".")[2]
    asked = target or f"{scope['method']} {scope['raw_path'].decode('ascii')}"
    log.info("%s %s %s", "root" if signed["key"] == os.environ["AWS_ACCESS_KEY_ID"] else "role", signed["service"], asked)
