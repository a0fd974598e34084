"""A distribution is served at `<label>.cloudfront.localhost`; on AWS, at `<label>.cloudfront.net`.

The local cloud answers to loopback names only. MiniStack serves a distribution, with its origin access control and the
bucket's policy, but only at AWS's name and at `<label>.cloudfront.127.0.0.1`, which is not a valid name.
"""

from __future__ import annotations

import re
from typing import Callable

from ministack import app

from . import patching

LOCAL_HOST = re.compile(r"^([a-z0-9]+)\.cloudfront\.localhost(:\d+)?$", re.IGNORECASE)


def install() -> None:
    """Wraps the lookup of a distribution by the `Host` of a request."""
    patching.replace(app, "_parse_cloudfront_dataplane_host", "host", _by_the_loopback_name)


def _by_the_loopback_name(parse: Callable[[str], str | None]) -> Callable[[str], str | None]:
    def label_of(host: str) -> str | None:
        here = LOCAL_HOST.match(host)
        return here[1].lower() if here else parse(host)

    return label_of
