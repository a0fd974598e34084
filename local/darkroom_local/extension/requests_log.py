"""Logs a line for each request to the cloud: its principal, the service and the call.

For example `role s3 PUT /bucket/key` or `root dynamodb UpdateItem`. Functions call as a role; the user and the tests
call as the root user. `make cost` counts these lines.
"""

from __future__ import annotations

import logging
import os
import re
from typing import Any

log = logging.getLogger("requests")

CREDENTIAL = re.compile(r"Credential=(?P<key>[^/]+)/\d+/[^/]+/(?P<service>[^/]+)/")


def note(scope: dict[str, Any]) -> None:
    """Logs a signed request. Health checks are unsigned, and not logged."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    signed = CREDENTIAL.search(headers.get("authorization", ""))
    if signed is None:
        return
    target = headers.get("x-amz-target", "").rpartition(".")[2]
    asked = target or f"{scope['method']} {scope['raw_path'].decode('ascii')}"
    log.info("%s %s %s", "root" if signed["key"] == os.environ["AWS_ACCESS_KEY_ID"] else "role", signed["service"], asked)
