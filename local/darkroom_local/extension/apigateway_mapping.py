"""Parameter mappings: from a request to the call of the service behind it, and from the service's response to the
client's.

<https://docs.aws.amazon.com/apigateway/latest/developerguide/request-response-data-mappings.html>
"""

from __future__ import annotations

import re
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

from . import apigateway_header_names, apigateway_request, apigateway_templates

JSON = "application/json"
FAILED = (500, {"Content-Type": JSON}, b'{"message": "Internal server error"}')


@dataclass
class Request:
    """The parts of a request that mappings can read."""

    headers: dict[str, str]
    query: dict[str, str]
    path: dict[str, str]
    body: bytes
    context: dict[str, Any]

    @classmethod
    def of(cls, exchange: apigateway_request.Exchange, body: bytes) -> Request:
        """The request of an exchange, with the body as the integration receives it."""
        request = exchange.request
        return cls(
            headers=apigateway_header_names.as_sent(_single(request["headers"])),
            query=_single(request["query_params"]),
            path=request["path_params"],
            body=body,
            context=exchange.context(),
        )

    @property
    def content_type(self) -> str:
        """The media type without parameters; JSON if the client sent none."""
        return (_header(self.headers, "content-type") or JSON).partition(";")[0].strip().lower()

    @property
    def parameters(self) -> dict[str, str]:
        """The values that `$input.params` finds."""
        return {**self.headers, **self.query, **self.path}

    def value(self, source: str) -> str | None:
        """The value of a mapping's source; None if the request does not have it."""
        if source.startswith("'"):
            return source[1:-1]
        if source.startswith("context."):
            return self.context.get(source.removeprefix("context."))
        place, _, name = source.removeprefix("method.request.").partition(".")
        if place == "header":
            return _header(self.headers, name)
        return {"path": self.path, "querystring": self.query}[place].get(name)


@dataclass
class Call:
    """The call of the service: the address below it, query string, headers and body."""

    address: str
    body: bytes
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def path_and_query(self) -> str:
        """The path and query of the request line."""
        query = f"?{urllib.parse.urlencode(self.query)}" if self.query else ""
        return urllib.parse.quote(self.address, safe="/~") + query


def call(integration: dict[str, Any], address: str, request: Request) -> Call:
    """Applies the request mappings of an integration."""
    templates = {name.lower(): text for name, text in (integration.get("requestTemplates") or {}).items()}
    template = templates.get(request.content_type)
    body = request.body if template is None else _rendered(template, request)
    made = Call(address, body, headers={"Content-Type": _header(request.headers, "content-type") or JSON})
    for target, source in (integration.get("requestParameters") or {}).items():
        place, _, name = target.removeprefix("integration.request.").partition(".")
        value = request.value(source)
        if value is None:
            continue
        if place == "path":
            made.address = made.address.replace("{" + name + "}", value)
        else:
            {"header": made.headers, "querystring": made.query}[place][name] = value
    return made


def answer(
    response: dict[str, Any], request: Request, headers: dict[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    """Applies the selected integration response to the service's response."""
    template = (response.get("responseTemplates") or {}).get(JSON)
    if template is not None:
        body = _rendered(template, request).strip()
    ours = {"Content-Type": JSON if template is not None else _header(headers, "content-type") or JSON}
    for target, source in (response.get("responseParameters") or {}).items():
        if source.startswith("integration.response.header."):
            value = _header(headers, source.removeprefix("integration.response.header."))
        else:
            value = request.value(source)
        if value is not None:
            ours[target.removeprefix("method.response.header.")] = value
    override = request.context["responseOverride"]
    return int(override.get("status", response["statusCode"])), {**ours, **override["header"]}, body


def missing(address: str) -> list[str]:
    """The placeholders of an address that no mapping has replaced."""
    return re.findall(r"\{([^}]+)\}", address)


def _rendered(template: str, request: Request) -> bytes:
    return apigateway_templates.render(template, request.parameters, request.context).encode()


def _single(values: dict[str, Any]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else value[-1] for name, value in values.items() if value}


def _header(headers: dict[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name.lower()), None)
