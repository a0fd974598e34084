"""Every request through API Gateway has one id, a context for mappings, and at most 10 MB of body.

- MiniStack gives a request a different id in each place. Here mappings, the function's event and the response header
  have the same id, and a client may choose it, as on AWS.
- A function's event names the caller's API key.
- The path in the event is percent-encoded as it was sent. MiniStack decodes it, so that "%2F" and "/" look the same.
- If a query parameter is repeated, the last value counts (tests/recordings/apigateway_path.json).
- A longer body is refused with AWS's own text, which no gateway response changes (seen on AWS:
  github.com/koki-develop/lgtm-generator/issues/10).

<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>
<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html#api-gateway-known-issues-rest-apis>
<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html>
"""

from __future__ import annotations

import time
from collections.abc import Awaitable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Callable

from ministack.services import apigateway_v1 as gateway

from . import patching

MAX_BODY_BYTES = 10 * 1024 * 1024
TOO_LONG = f"HTTP content length exceeded {MAX_BODY_BYTES} bytes."
ID_HEADER = "x-amzn-requestid"
EVENT = (
    "api_id, stage_name, stage, resource, request_path, method, headers, body, query_params, path_params, "
    "binary_media_types, authorizer_context, caller_identity"
)


@dataclass(frozen=True)
class Exchange:
    """One request and its context."""

    request: dict[str, Any]
    method: str
    path: str
    headers: dict[str, Any]

    @property
    def id(self) -> str:
        """The request's id."""
        return self.request["request_id"]

    @property
    def path_on_the_wire(self) -> str:
        """The path as the client sent it: with the stage, and with the API's id if the host does not contain it."""
        api, stage = self.request["api_id"], self.request["stage_name"]
        if str(self.request["headers"].get("host", "")).startswith(f"{api}.execute-api."):
            return f"/{stage}{self.path}"
        return f"/restapis/{api}/{stage}/_user_request_{self.path}"

    @property
    def path_as_sent(self) -> str:
        """The path below the stage, percent-encoded as it was sent."""
        before = self.path_on_the_wire.removesuffix(self.path)
        return sent_path.get().removeprefix(before)

    def context(self) -> dict[str, Any]:
        """`$context`."""
        return {
            "apiId": self.request["api_id"],
            "httpMethod": self.method,
            "path": self.path_on_the_wire,
            "requestId": self.id,
            "requestTimeEpoch": int(time.time() * 1000),
            "resourcePath": self.request["resource_path"],
            "responseOverride": {"header": {}},
            "stage": self.request["stage_name"],
        }


current: ContextVar[Exchange] = ContextVar("current")
# The whole path of the HTTP request, as the client sent it.
sent_path: ContextVar[str] = ContextVar("sent_path")


def install() -> None:
    """Wraps the execution of requests, and the construction of events."""
    patching.check(gateway, "_resolve_api_key", "value")
    patching.check(gateway, "_api_key_from_request", "headers")
    patching.replace(
        gateway,
        "_execute_in_scope",
        "request, api_id, stage_name, method, path, headers, body, query_params, owner_account_id, owner_region",
        _identified_and_limited,
    )
    patching.replace(gateway, "_build_lambda_event_v1", EVENT, _identified_event)


def path_parameters(resource: str, path: str) -> dict[str, str] | None:
    """The values of a resource's parameters (`/a/{b}/{c+}`) in a path as it was sent."""
    parameters, rest = {}, path.strip("/")
    for part in resource.strip("/").split("/"):
        if part.endswith("+}"):
            parameters[part[1:-2]] = rest
            break
        segment, _, rest = rest.partition("/")
        if part.startswith("{"):
            parameters[part[1:-1]] = segment
    return parameters or None


def _identified_and_limited(execute: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def execute_in_scope(request: dict[str, Any], api_id: str, stage_name: str, *rest: Any) -> Any:
        method, path, headers, body, *_ = rest
        request["request_id"] = headers.get(ID_HEADER) or request["request_id"]
        token = current.set(Exchange(request, method, path, headers))
        try:
            stage = gateway._stages_v1.get(api_id, {}).get(stage_name)
            if stage and len(body or b"") > MAX_BODY_BYTES:
                return 413, {"Content-Type": "text; charset=utf-8"}, TOO_LONG.encode()
            response = await execute(request, api_id, stage_name, *rest)
            if isinstance(response, tuple):
                response[1].setdefault(ID_HEADER, request["request_id"])
            return response
        finally:
            current.reset(token)

    return execute_in_scope


def _identified_event(build: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def build_event(*args: Any, **kwargs: Any) -> dict[str, Any]:
        event = build(*args, **kwargs)
        event["requestContext"]["requestId"] = current.get().id
        key = gateway._resolve_api_key(gateway._api_key_from_request(current.get().headers))
        if key:
            event["requestContext"]["identity"] |= {"apiKey": key["value"], "apiKeyId": key["id"]}
        event["path"] = current.get().path_as_sent
        event["requestContext"]["path"] = sent_path.get()
        event["pathParameters"] = path_parameters(event["resource"], event["path"])
        repeated = event["multiValueQueryStringParameters"] or {}
        event["queryStringParameters"] = {name: values[-1] for name, values in repeated.items()} or None
        return event

    return build_event
