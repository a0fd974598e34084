"""Overwriting an object of an unversioned bucket removes its old tags.

MiniStack keeps them, so a rendition that is written again would stay tagged as superseded.
<https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
"""

from __future__ import annotations

from typing import Any, Callable

from ministack.services import s3

from . import patching

Response = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Wraps both kinds of upload."""
    patching.replace(s3, "_put_object", "bucket_name, key, body, headers", _forgetting_after_put)
    patching.replace(
        s3, "_complete_multipart_upload", "bucket_name, key, body, query_params, headers", _forgetting_after_multipart
    )


def _forgetting_after_put(put: Callable[..., Response]) -> Callable[..., Response]:
    def put_object(bucket_name: str, key: str, body: bytes, headers: dict[str, str]) -> Response:
        response = put(bucket_name, key, body, headers)
        if not headers.get("x-amz-tagging"):
            _delete_tags(bucket_name, key, response)
        return response

    return put_object


def _forgetting_after_multipart(complete: Callable[..., Response]) -> Callable[..., Response]:
    def complete_multipart_upload(
        bucket_name: str, key: str, body: bytes, query_params: Any, headers: Any = None
    ) -> Response:
        response = complete(bucket_name, key, body, query_params, headers)
        _delete_tags(bucket_name, key, response)
        return response

    return complete_multipart_upload


def _delete_tags(bucket_name: str, key: str, response: Response) -> None:
    # A new version has no tags. Only an object without versions would keep the old ones.
    status, headers, _ = response
    if status == 200 and "x-amz-version-id" not in headers:
        s3._object_tags.pop((bucket_name, key, None), None)
