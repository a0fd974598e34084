"""A mock integration answers through its mapping templates, as other integrations do.

MiniStack copies the template's text, and ignores the request.
<https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-mock-integration.html>
"""

from __future__ import annotations

import json
import logging
from typing import Any, Callable

from ministack.services import apigateway_v1 as gateway

from . import apigateway_mapping, apigateway_request, patching

log = logging.getLogger(__name__)

Response = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Replaces the mock integration."""
    patching.check(gateway, "_select_service_integration_response", "integration, backend_status")
    patching.replace(gateway, "_invoke_mock_v1", "integration", _mapped)


def _mapped(_: Callable[..., Response]) -> Callable[..., Response]:
    def invoke_mock(integration: dict[str, Any]) -> Response:
        request = apigateway_mapping.Request.of(apigateway_request.current.get(), body=b"")
        try:
            status = int(json.loads(apigateway_mapping.call(integration, "", request).body)["statusCode"])
        except (ValueError, KeyError, TypeError):
            log.error("no request template results in {\"statusCode\": ...} for %s", request.content_type)
            return apigateway_mapping.FAILED
        response = gateway._select_service_integration_response(integration, status)
        if response is None:
            log.error("no integration response of the mock for %s", status)
            return apigateway_mapping.FAILED
        return apigateway_mapping.answer(response, request, {}, b"")

    return invoke_mock
