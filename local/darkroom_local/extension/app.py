"""The application that the server serves: MiniStack, with its gaps filled."""

from __future__ import annotations

from typing import Any

from ministack.app import app as ministack

from . import (
    apigateway_clients,
    apigateway_header_names,
    apigateway_import,
    apigateway_import_warnings,
    apigateway_mock,
    apigateway_request,
    apigateway_rights,
    apigateway_s3,
    cloudformation_boundary,
    cloudformation_kept,
    cloudformation_trust,
    cloudformation_versions,
    cloudfront_host,
    dynamodb_ttl,
    events_dead_letter,
    events_to_lambda,
    functions_finish,
    functions_take_turns,
    iam_simulate,
    lambda_destination,
    loopback_is_secure,
    permissions_used,
    pipes_from_sqs,
    requests_log,
    role_credentials,
    root_credentials,
    runtime_api_alone,
    s3_forbidden_not_missing,
    s3_tags,
    s3_version_id,
    s3_version_range,
    service_rights,
    stepfunctions_again,
    stepfunctions_alias_named,
    stepfunctions_qualifier,
    stepfunctions_redrive,
    stepfunctions_role,
    stepfunctions_throttled,
    stepfunctions_versions,
    web_pages,
)

__all__ = ["app"]

for gap in (
    # First: other modules of MiniStack copy what it replaces as they are loaded.
    root_credentials,
    role_credentials,
    runtime_api_alone,
    web_pages,
    apigateway_clients,
    apigateway_header_names,
    apigateway_import,
    apigateway_import_warnings,
    apigateway_mock,
    apigateway_request,
    apigateway_rights,
    # After the rights to functions, which do not concern its calls.
    apigateway_s3,
    cloudformation_boundary,
    cloudformation_kept,
    cloudformation_trust,
    cloudformation_versions,
    cloudfront_host,
    dynamodb_ttl,
    events_dead_letter,
    events_to_lambda,
    functions_finish,
    functions_take_turns,
    iam_simulate,
    lambda_destination,
    loopback_is_secure,
    permissions_used,
    pipes_from_sqs,
    s3_forbidden_not_missing,
    s3_tags,
    s3_version_id,
    s3_version_range,
    service_rights,
    stepfunctions_again,
    stepfunctions_alias_named,
    stepfunctions_qualifier,
    stepfunctions_redrive,
    stepfunctions_role,
    stepfunctions_throttled,
    stepfunctions_versions,
):
    gap.install()


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """MiniStack, and what it forgets of a request."""
    if scope["type"] == "http":
        scope = apigateway_header_names.lowered(scope)
    if await web_pages.refused(scope, receive, send):
        return
    if scope["type"] == "http":
        apigateway_request.sent_path.set(scope["raw_path"].decode("ascii"))
        requests_log.note(scope)
    await ministack(scope, receive, send)
