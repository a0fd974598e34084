"""What every request through API Gateway has: an id that mappings can use, and at most 10 MB of body.

<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html>
"""

from __future__ import annotations

from collections.abc import Awaitable
from contextvars import ContextVar
from typing import Any, Callable

from ministack.services import apigateway_v1 as gateway

from . import patching

MAX_BODY_BYTES = 10 * 1024 * 1024

request_id: ContextVar[str] = ContextVar("request_id", default="")


def install() -> None:
    """Wraps the execution of requests."""
    patching.check(gateway, "_gw_error", "response_type, message")
    patching.replace(
        gateway,
        "_execute_in_scope",
        "request, api_id, stage_name, method, path, headers, body, query_params, owner_account_id, owner_region",
        _identified_and_limited,
    )


def _identified_and_limited(execute: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def execute_in_scope(request: dict[str, Any], api_id: str, stage_name: str, *rest: Any) -> Any:
        _method, _path, _headers, body, *_ = rest
        token = request_id.set(request["request_id"])
        try:
            stage = gateway._stages_v1.get(api_id, {}).get(stage_name)
            if stage and len(body or b"") > MAX_BODY_BYTES:
                request["stage"] = stage
                return gateway._gw_error("REQUEST_TOO_LARGE", "Request Too Long")
            return await execute(request, api_id, stage_name, *rest)
        finally:
            request_id.reset(token)

    return execute_in_scope
