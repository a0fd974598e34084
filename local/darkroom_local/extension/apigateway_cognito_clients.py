"""An authorizer of a Cognito user pool compares a token's `aud` with its `identityValidationExpression`.

MiniStack accepts the tokens of any client of the pool.
<https://docs.aws.amazon.com/apigateway/latest/api/API_CreateAuthorizer.html>
"""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Any, Callable

from ministack.services import apigateway_v1 as gateway

from . import patching

EXPRESSION = "identityValidationExpression"


def install() -> None:
    """Wraps the import of authorizers, and the validation of tokens."""
    patching.check(gateway, "_gw_error", "response_type, message")
    patching.replace(gateway, "_import_security_schemes", "api_id, spec", _with_expressions)
    patching.replace(
        gateway,
        "_validate_cognito_authorizer",
        "authorizer, method_obj, headers, query_params, stage",
        _checking_the_client,
    )


def _with_expressions(import_schemes: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def import_with_expressions(api_id: str, spec: dict[str, Any]) -> dict[str, Any]:
        mapping = import_schemes(api_id, spec)
        for name, method in mapping.items():
            if method.get("authorizationType") == "COGNITO_USER_POOLS":
                extension = gateway._security_schemes(spec)[name]["x-amazon-apigateway-authorizer"]
                authorizer = gateway._authorizers_v1[api_id][method["authorizerId"]]
                authorizer[EXPRESSION] = extension.get(EXPRESSION, "")
        return mapping

    return import_with_expressions


def _checking_the_client(validate: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    async def validate_client(authorizer: dict[str, Any], *rest: Any) -> Any:
        claims, error = await validate(authorizer, *rest)
        expression = authorizer.get(EXPRESSION)
        if claims and expression and not re.fullmatch(expression, str(claims.get("aud", ""))):
            return None, gateway._gw_error("UNAUTHORIZED", "Unauthorized")
        return claims, error

    return validate_client
