"""API Gateway calls S3 itself, as the integration's role: `arn:aws:apigateway:…:s3:path/{bucket}/{key}`.

MiniStack supports functions and SQS queues behind an `AWS` integration. The call is signed with the role's credentials,
so that S3 refuses what the role's policy does not allow. If the role does not trust API Gateway, the call fails. Other
services are refused.
<https://docs.aws.amazon.com/apigateway/latest/developerguide/integrating-api-with-aws-services-s3.html>
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Awaitable
from datetime import datetime, timedelta, timezone
from typing import Any, Callable

import boto3
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.httpsession import URLLib3Session
from ministack.services import apigateway_v1 as gateway

from . import apigateway_mapping, apigateway_request, patching, service_rights
from .apigateway_rights import INVOKE, SERVICE, misconfigured

log = logging.getLogger(__name__)

# Much longer than on AWS, because this machine may be busy.
TIMEOUT_S = 600
ALREADY_EXPIRED = datetime.min.replace(tzinfo=timezone.utc)
RENEW_BEFORE = timedelta(minutes=5)

Response = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Wraps the call of functions, which MiniStack also uses for S3."""
    patching.check(gateway, "_parse_service_integration_uri", "uri")
    patching.check(gateway, "_select_service_integration_response", "integration, backend_status")
    patching.check(gateway, "_media_type_matches", "media_type, binary_media_types")
    patching.replace(gateway, "_invoke_lambda_custom_v1", INVOKE, _to_s3)


def _to_s3(invoke_function: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    async def invoke(
        integration: dict[str, Any], api_id: str, stage_name: str, stage: Any, resource: dict[str, Any],
        request_path: str, method: str, headers: dict[str, Any], body: bytes, query_params: Any, path_params: Any,
        **more: Any,
    ) -> Response:  # fmt: skip
        region, service, kind, address = gateway._parse_service_integration_uri(integration["uri"]) or ("", "", "", "")
        if service in ("", "lambda"):
            return await invoke_function(
                integration, api_id, stage_name, stage, resource, request_path, method, headers, body,
                query_params, path_params, **more,
            )  # fmt: skip
        if (service, kind) != ("s3", "path"):
            log.error("no integration with %s:%s here, only with s3:path and functions", service, kind)
            return apigateway_mapping.FAILED
        body = _as_text_unless_binary(body or b"", headers, more.get("binary_media_types") or [])
        request = apigateway_mapping.Request.of(apigateway_request.current.get(), body)
        request.context["authorizer"] = more.get("authorizer_context") or {}
        return await asyncio.to_thread(_execute, integration, region, address, request)

    return invoke


def _execute(integration: dict[str, Any], region: str, address: str, request: apigateway_mapping.Request) -> Response:
    call = apigateway_mapping.call(integration, address, request)
    if unfilled := apigateway_mapping.missing(call.address):
        log.error("no mapping fills %s of %s", unfilled, integration["uri"])
        return apigateway_mapping.FAILED
    if untrusted := integration.get("credentials") and service_rights.not_assumable(integration["credentials"], SERVICE):
        return misconfigured(integration["uri"], untrusted)
    status, headers, body = _send(integration, region, call)
    response = gateway._select_service_integration_response(integration, status)
    if response is None:
        log.error("no integration response for %s from %s: %r", status, integration["uri"], body)
        return apigateway_mapping.FAILED
    return apigateway_mapping.answer(response, request, headers, body)


def _send(integration: dict[str, Any], region: str, call: apigateway_mapping.Call) -> Response:
    url = f"{os.environ['AWS_ENDPOINT_URL']}/{call.path_and_query}"
    request = AWSRequest(method=integration["httpMethod"], url=url, data=call.body, headers=call.headers)
    if integration.get("credentials"):
        S3SigV4Auth(_credentials(integration["credentials"]), "s3", region).add_auth(request)
    response = _connections.send(request.prepare())
    return response.status_code, dict(response.headers), response.content


_connections = URLLib3Session(timeout=TIMEOUT_S, max_pool_connections=50)
_sessions: dict[str, tuple[datetime, Credentials]] = {}
_assuming = threading.Lock()


def _credentials(role_arn: str) -> Credentials:
    """The credentials of a session of the role. Many requests share a session: one for each would double the time of
    200 uploads.
    """
    with _assuming:
        until, credentials = _sessions.get(role_arn, (ALREADY_EXPIRED, None))
        if credentials is None or until - datetime.now(timezone.utc) < RENEW_BEFORE:
            until, credentials = _assume(role_arn)
            _sessions[role_arn] = (until, credentials)
        return credentials


def _assume(role_arn: str) -> tuple[datetime, Credentials]:
    patient = Config(connect_timeout=TIMEOUT_S, read_timeout=TIMEOUT_S)
    sts = boto3.client("sts", endpoint_url=os.environ["AWS_ENDPOINT_URL"], config=patient)
    session = sts.assume_role(RoleArn=role_arn, RoleSessionName="BackplaneAssumeRoleSession")["Credentials"]
    credentials = Credentials(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    return session["Expiration"], credentials


def _as_text_unless_binary(body: bytes, headers: dict[str, Any], binary_media_types: list[str]) -> bytes:
    # API Gateway treats a body as text, and damages other bytes, unless its type is declared binary.
    if gateway._media_type_matches(gateway._header_ci(headers, "content-type"), binary_media_types):
        return body
    return body.decode(errors="replace").encode()
