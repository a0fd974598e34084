"""Header names reach a function and `$input.params` as the client wrote them. HTTP/2 has lower case only.

The server and MiniStack convert all names to lower case, which hides a case-sensitive comparison. API Gateway is
case-sensitive (tests/recordings/apigateway_headers.json). Its treatment of `method.request.header.Name` is not known:
here it finds the header in any case.
<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis>
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Callable

from hypercorn.config import Config
from ministack.services import apigateway_v1 as gateway

from . import patching
from .apigateway_request import EVENT

# The header names of the current request: from lower case to the name as it was sent.
_sent: ContextVar[dict[str, str]] = ContextVar("sent")


def install() -> None:
    """Makes the server keep the names, and puts them into events."""
    Config.h11_pass_raw_headers = True
    patching.replace(gateway, "_build_lambda_event_v1", EVENT, _with_sent_names)


def lowered(scope: dict[str, Any]) -> dict[str, Any]:
    """The request with header names in lower case, which MiniStack needs. Records the names as they were sent."""
    names = [name.decode("latin-1") for name, _ in scope["headers"]]
    _sent.set({name.lower(): name for name in names})
    return {**scope, "headers": [(name.lower(), value) for name, value in scope["headers"]]}


def as_sent(headers: dict[str, Any]) -> dict[str, Any]:
    """Headers under the names that the client sent."""
    return {_sent.get().get(name, name): value for name, value in headers.items()}


def _with_sent_names(build: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def build_event(*args: Any, **kwargs: Any) -> dict[str, Any]:
        event = build(*args, **kwargs)
        return {**event, **{name: as_sent(event[name]) for name in ("headers", "multiValueHeaders")}}

    return build_event
