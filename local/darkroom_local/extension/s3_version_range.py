"""A GET of a range of a version returns the range. MiniStack returns the whole object.

<https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
"""

from __future__ import annotations

from typing import Any, Callable

from ministack.services import s3

from . import patching

Response = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Wraps the reading of an object."""
    patching.replace(s3, "_get_object", "bucket_name, key, headers, query_params", _with_ranges)


def _with_ranges(get: Callable[..., Response]) -> Callable[..., Response]:
    def get_object(bucket_name: str, key: str, headers: dict[str, str], query_params: Any) -> Response:
        wanted = headers.get("range", "")
        if not wanted or not s3._qp(query_params, "versionId", ""):
            return get(bucket_name, key, headers, query_params)
        # The checksum of the whole object does not match a part of it.
        plain = {name: value for name, value in headers.items() if name != "x-amz-checksum-mode"}
        status, answered, body = get(bucket_name, key, plain, query_params)
        if status != 200:
            return status, answered, body
        found = s3._parse_range(wanted, len(body))
        if found is None:
            refusal = s3._xml_body(s3._range_error_xml(bucket_name, key))
            return 416, {"Content-Type": "application/xml", "Content-Range": f"bytes */{len(body)}"}, refusal
        start, end = found
        piece = body[start : end + 1]
        partial = {"Content-Length": str(len(piece)), "Content-Range": f"bytes {start}-{end}/{len(body)}"}
        return 206, {**answered, **partial}, piece

    return get_object
