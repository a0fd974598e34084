"""S3 answers 403 instead of 404 for a missing key if the caller lacks `s3:ListBucket`.

MiniStack always answers 404. A missing version is treated like a missing key. A missing bucket is 404 for every caller.
<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
<https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Callable

from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.core.router import extract_access_key_id
from ministack.services import s3

from . import patching

Response = tuple[int, dict[str, str], bytes]
HANDLE = (
    "method, path, headers, body, query_params, signed_path, enforce_bucket_region, internal, access_point_region, "
    "access_point"
)
MISSING = (b"<Code>NoSuchKey</Code>", b"<Code>NoSuchVersion</Code>")


def install() -> None:
    """Checks the right to list after an answer that a key is missing."""
    patching.check(s3, "_parse_bucket_key", "path, headers")
    patching.check(s3, "_error", "code, message, status, resource, extra, headers")
    patching.check(iam_evaluator, "enforce", "access_key_id, iam_action, service, region, resource_arn, service_context")
    patching.replace(s3, "handle_request", HANDLE, _denying_without_the_right_to_list)


def _denying_without_the_right_to_list(handle: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    async def handle_request(
        method: str, path: str, headers: dict[str, str], body: bytes, query_params: Any, **more: Any
    ) -> Response:
        status, answered, text = await handle(method, path, headers, body, query_params, **more)
        bucket, key = s3._parse_bucket_key(path, headers)
        if status != 404 or not key or bucket not in s3._buckets or not _says_missing(method, text):
            return status, answered, text
        if _may_list(extract_access_key_id(headers, query_params), bucket):
            return status, answered, text
        _, refused, why = s3._error("AccessDenied", "Access Denied", 403, f"/{bucket}/{key}")
        return 403, {**answered, **refused}, b"" if method == "HEAD" else why

    return handle_request


def _says_missing(method: str, text: bytes) -> bool:
    # The answer to HEAD has no body.
    return method == "HEAD" or any(code in text for code in MISSING)


def _may_list(access_key_id: str, bucket: str) -> bool:
    arn = f"arn:aws:s3:::{bucket}"
    return iam_evaluator.enforce(access_key_id, "s3:ListBucket", "s3", get_region(), resource_arn=arn) is None
