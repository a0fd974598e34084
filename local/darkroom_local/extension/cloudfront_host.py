"""A distribution answers to `<label>.cloudfront.localhost`, where on AWS it is `<label>.cloudfront.net`.

The local cloud answers on loopback names only. MiniStack serves a distribution, with its origin access control and the
bucket's policy, but knows it by AWS's name and by `<label>.cloudfront.127.0.0.1`, which is no name at all.
"""

from __future__ import annotations

import re
from typing import Callable

from ministack import app

from . import patching

HERE = re.compile(r"^([a-z0-9]+)\.cloudfront\.localhost(:\d+)?$", re.IGNORECASE)


def install() -> None:
    """Replaces what finds a distribution in a request's `Host`."""
    patching.replace(app, "_parse_cloudfront_dataplane_host", "host", _by_the_loopback_name)


def _by_the_loopback_name(parse: Callable[[str], str | None]) -> Callable[[str], str | None]:
    def label_of(host: str) -> str | None:
        here = HERE.match(host)
        return here[1].lower() if here else parse(host)

    return label_of
