"""API Gateway calls a function only if the function's policy, or the integration's role, allows it.

MiniStack calls it for every API. Without the right, API Gateway answers 500 (API_CONFIGURATION_ERROR, "Internal server
error"; seen on AWS: github.com/DataBiosphere/azul/issues/8301), and its execution log says why.
<https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-control-access-using-iam-policies-to-invoke-api.html>
<https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway.html#apigateway-permissions>
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable
from typing import Any, Callable

from ministack.core import arn as arns
from ministack.services import apigateway_v1 as gateway

from . import patching, service_rights

log = logging.getLogger(__name__)

Response = tuple[int, dict[str, str], bytes]
SERVICE = "apigateway.amazonaws.com"
INVOKE = (
    "integration, api_id, stage_name, stage, resource, request_path, method, headers, body, query_params, path_params, "
    "owner_account_id, owner_region, binary_media_types, authorizer_context, caller_identity"
)


def install() -> None:
    """Checks the right before a function is called."""
    patching.check(arns, "execute_api_arn", "region, account_id, api_id, stage, method, path")
    patching.check(gateway, "_gw_error", "response_type, message")
    patching.check(gateway, "_extract_lambda_ref_from_integration_uri", "uri")
    for name in ("_invoke_lambda_proxy_v1", "_invoke_lambda_custom_v1"):
        patching.replace(gateway, name, INVOKE, _checking_the_right)


def _checking_the_right(invoke: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    async def invoke_allowed(
        integration: dict[str, Any], api_id: str, stage_name: str, stage: Any, resource: dict[str, Any],
        request_path: str, method: str, *rest: Any, **more: Any,
    ) -> Response:  # fmt: skip
        # A parameter of the path is a wildcard in the method's ARN.
        path = re.sub(r"\{[^}]+\}", "*", resource["path"])
        source = arns.execute_api_arn(more["owner_region"], more["owner_account_id"], api_id, stage_name, method, path)
        function = gateway._extract_lambda_ref_from_integration_uri(integration["uri"])
        call = SERVICE, "lambda:InvokeFunction", function, source
        role = integration.get("credentials")
        if refusal := service_rights.refused_to_role(role, *call) if role else service_rights.refused_to_service(*call):
            return misconfigured(source, refusal)
        return await invoke(integration, api_id, stage_name, stage, resource, request_path, method, *rest, **more)

    return invoke_allowed


def misconfigured(what: str, why: str) -> Any:
    """The answer when API Gateway may not call the service. Logs the reason."""
    log.error("%s: %s", what, why)
    return gateway._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
