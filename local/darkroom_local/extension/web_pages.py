"""A web page can use deployed APIs and presigned S3 links, and nothing else.

A browser sends requests of any page to 127.0.0.1, and the local cloud runs programs. These requests are refused with
403, before anything else reads them:

- A `Host` that is not a loopback name, because a page's own name can resolve to 127.0.0.1 (DNS rebinding).
- A request that the browser marks as cross-origin (`Origin`, `Sec-Fetch-Site`). Two are allowed: calls of a deployed
  API, which has the CORS of its template, and presigned links, for which the bucket's CORS decides.
- Requests to MiniStack's control pages, which need no credentials, and WebSockets.

<https://fetch.spec.whatwg.org/#origin-header>
<https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header>
"""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Mapping
from typing import Any

from ministack import app as ministack
from ministack.core import iam_evaluator

from . import patching

LOOPBACK = re.compile(r"^(127\.0\.0\.1|\[::1\]|([a-z0-9.-]+\.)?localhost)(:\d+)?$", re.IGNORECASE)
OUTSIDE_OF_AWS = ("/_ministack/", "/_localstack/", "/_aws/")
HEALTH = "/_ministack/health"
SAME_ORIGIN = ("same-origin", "none")


def install() -> None:
    """Checks the functions of MiniStack that this module calls."""
    patching.check(ministack, "_parse_execute_api_url", "host, path")
    patching.check(iam_evaluator, "_s3_presigned_query", "query_params")


async def refused(scope: dict[str, Any], receive: Any, send: Any) -> bool:
    """Answers a request that must be refused; returns False for all others."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return True
    reason = reason_to_refuse(scope) if scope["type"] == "http" else None
    if reason is None:
        return False
    body = json.dumps({"message": reason}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    return True


def reason_to_refuse(scope: Mapping[str, Any]) -> str | None:
    """The reason why a request is refused, as its sender reads it; None if it is not refused."""
    hosts, path = _values(scope, b"host"), scope["path"]
    if len(hosts) != 1 or not LOOPBACK.match(hosts[0]):
        return f"the local cloud answers on loopback names only, not as {', '.join(hosts) or 'a host without a name'}"
    (host,) = hosts
    is_api = ministack._parse_execute_api_url(host, path) is not None
    if path.startswith(OUTSIDE_OF_AWS) and path != HEALTH and not is_api:
        return f"{path} is switched off"
    origins = set(_values(scope, b"origin")) - {f"http://{host}"}
    sites = set(_values(scope, b"sec-fetch-site")) - set(SAME_ORIGIN)
    if (origins or sites) and not is_api and not _is_presigned(scope):
        return f"{', '.join(origins or sites)} may call deployed APIs and presigned links here, and nothing else"
    return None


def _is_presigned(scope: Mapping[str, Any]) -> bool:
    query = urllib.parse.parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    return iam_evaluator._s3_presigned_query(query)


def _values(scope: Mapping[str, Any], name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
