"""The application that the server serves: MiniStack, with its gaps filled."""

from __future__ import annotations

import importlib
from typing import Any

from ministack.app import app as ministack

from . import apigateway_header_names, apigateway_request, requests_log, web_pages

__all__ = ["app"]

PATCHES = (
    # First: modules of MiniStack that are loaded later copy what it replaces.
    "root_credentials",
    "role_credentials",
    "runtime_api_no_browsers",
    "web_pages",
    "apigateway_cognito_clients",
    "apigateway_header_names",
    "apigateway_import",
    "apigateway_import_warnings",
    "apigateway_mock",
    "apigateway_request",
    "apigateway_rights",
    # After the rights to call functions, which do not apply to its calls.
    "apigateway_s3",
    "cloudformation_boundary",
    "cloudformation_inert_resources",
    "cloudformation_trust",
    "cloudformation_versions",
    "cloudfront_host",
    "dynamodb_ttl",
    "events_dead_letter",
    "events_to_lambda",
    "functions_graceful_update",
    "functions_concurrency",
    "iam_simulate",
    "iam_line_breaks",
    "lambda_destination",
    "loopback_as_tls",
    "permissions_used",
    "pipes_from_sqs",
    "s3_access_denied",
    "s3_tags",
    "s3_version_id",
    "s3_version_range",
    "service_rights",
    "stepfunctions_repeated_calls",
    "stepfunctions_alias_names",
    "stepfunctions_qualifier",
    "stepfunctions_redrive",
    "stepfunctions_role",
    "stepfunctions_throttled",
    "stepfunctions_versions",
)
"""The modules of this package with an `install()`, in the order in which they are installed."""

# All are loaded before the first is installed.
modules = {name: importlib.import_module(f".{name}", __package__) for name in sorted(PATCHES)}
for name in PATCHES:
    modules[name].install()


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Refuses requests of web pages, records what MiniStack drops of a request, and passes it on."""
    if scope["type"] == "http":
        scope = apigateway_header_names.lowered(scope)
    if await web_pages.refused(scope, receive, send):
        return
    if scope["type"] == "http":
        apigateway_request.sent_path.set(scope["raw_path"].decode("ascii"))
        requests_log.note(scope)
    await ministack(scope, receive, send)
