"""Invalid requests: each is answered with its status and a problem that says what is allowed, and has no effect."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterator

import pytest
from calls import Api, send
from pictures import JPEG

TEN_MEGABYTES = 10 * 1024 * 1024
VALID_REQUEST = {"filename": "a.jpg", "content_type": "image/jpeg", "byte_len": len(JPEG)}
UUID = str(uuid.uuid4())


@pytest.fixture(autouse=True)
def creates_nothing(api: Api, request: pytest.FixtureRequest) -> Iterator[None]:
    before = (api.stack.sources(), len(api.stack.executions()))
    yield
    if "leaves_something" not in request.keywords:
        assert (api.stack.sources(), len(api.stack.executions())) == before


@pytest.mark.parametrize(
    "content_type",
    ["image/tiff", "text/plain", "image/jpeg; charset=x", "image/jpeg/../../x", "IMAGE/JPEG", "image", "image/*", "?"],
)
def test_a_content_type_that_is_not_accepted_is_400(api: Api, content_type: str) -> None:
    assert "image/webp" in api.upload(JPEG, content_type).problem(400)["detail"]


def test_a_content_type_that_this_stack_does_not_accept_is_400(iam_api: Api) -> None:
    problem = iam_api.upload(JPEG, "image/webp").problem(400)

    assert "image/jpeg, image/png," in problem["detail"]


def test_a_missing_content_type_is_400(api: Api) -> None:
    assert "Content-Type" in api.call("POST", "/images", JPEG).problem(400)["detail"]


def test_one_byte_more_than_ten_megabytes_is_413(api: Api) -> None:
    # The body is API Gateway's own.
    assert api.upload(bytes(TEN_MEGABYTES + 1)).status == 413


@pytest.mark.leaves_something
def test_an_empty_body_is_stored_and_rejected(api: Api) -> None:
    record = api.finished(api.upload(b"").json["key"])

    assert (record["status"], record["rejection"]["code"]) == ("rejected", "empty")


@pytest.mark.leaves_something
def test_a_used_request_id_is_409_and_overwrites_nothing(api: Api) -> None:
    sent = {"Content_Type": "image/jpeg", "X_Amzn_RequestId": UUID}
    first = api.call("POST", "/images", JPEG, **sent)
    before = api.finished(first.json["key"])

    assert "X-Amzn-RequestId" in api.call("POST", "/images", b"another", **sent).problem(409)["detail"]

    assert api.show(first.json["key"]).json["version_id"] == before["version_id"]


@pytest.mark.parametrize("request_id", ["x", f"../{UUID}", f"{UUID}/{UUID}"])
def test_a_request_id_that_is_not_a_uuid_is_400(api: Api, request_id: str) -> None:
    sent = {"Content_Type": "image/jpeg", "X_Amzn_RequestId": request_id}

    assert "UUID" in api.call("POST", "/images", JPEG, **sent).problem(400)["detail"]


@pytest.mark.parametrize("path", ["/uploads", "/executions"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"{}"])
def test_a_body_that_is_not_the_expected_json_is_400(api: Api, path: str, body: bytes) -> None:
    api.call("POST", path, body, Content_Type="application/json").problem(400)


@pytest.mark.parametrize("path", ["/uploads", "/executions"])
def test_json_with_another_content_type_is_400(api: Api, path: str) -> None:
    api.call("POST", path, b"{}", Content_Type="text/plain").problem(400)


@pytest.mark.parametrize("field", VALID_REQUEST)
def test_a_missing_field_is_400(api: Api, field: str) -> None:
    rest = {name: value for name, value in VALID_REQUEST.items() if name != field}

    assert field in api.post_json("/uploads", rest).problem(400)["detail"]
    query = "&".join(f"{name}={value}" for name, value in rest.items())
    assert field in api.call("GET", f"/uploads?{query}").problem(400)["detail"]


INVALID_VALUES = [
    ("filename", 1), ("content_type", None), ("byte_len", "many"), ("byte_len", -1), ("byte_len", 1.5), ("profile", 7),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), INVALID_VALUES)
def test_a_field_of_the_wrong_type_is_400(api: Api, field: str, value: object) -> None:
    assert field in api.post_json("/uploads", {**VALID_REQUEST, field: value}).problem(400)["detail"]


NOT_ALLOWED = [
    ("content_type", "image/svg+xml", "image/jpeg"),
    ("byte_len", 10**12, "10"),
    ("profile", "none-such", "widths"),
    ("filename", "..", ".."),
    ("filename", ".", "."),
    ("filename", "", "255"),
    ("filename", "a/b.jpg", "/"),
    ("filename", "a\\b.jpg", "\\"),
    ("filename", "a\u0000b.jpg", "control"),
    ("filename", "a\nb.jpg", "control"),
    ("filename", "a\uffffb.jpg", "control"),
    ("filename", "ü" * 128, "255"),
]


@pytest.mark.parametrize(("field", "value", "allowed"), NOT_ALLOWED)
def test_a_value_that_is_not_allowed_is_400(api: Api, field: str, value: object, allowed: str) -> None:
    problem = api.post_json("/uploads", {**VALID_REQUEST, field: value}).problem(400)

    assert (problem["field"], problem["value"]) == (field, value)
    assert allowed in json.dumps(problem["limit"], ensure_ascii=False) + problem["detail"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_key_of_1025_bytes_is_400(api: Api, method: str) -> None:
    assert "1024" in api.call(method, "/images/" + "k" * 1025).problem(400)["detail"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_key_that_s3_cannot_list_is_400(api: Api, method: str) -> None:
    assert "U+0015" in api.call(method, "/images/a%15b.jpg").problem(400)["detail"]


def test_reprocessing_a_key_of_1025_bytes_is_400(api: Api) -> None:
    assert "1024" in api.post_json("/executions", {"key": "k" * 1025}).problem(400)["detail"]


def test_a_picture_that_does_not_exist_is_404(api: Api) -> None:
    answer = api.show("none/such.jpg")

    assert "none/such.jpg" in answer.problem(404)["detail"] and "Retry-After" not in answer.headers
    api.post_json("/executions", {"key": "none/such.jpg"}).problem(404)
    assert api.call("DELETE", "/images/none/such.jpg").status == 204


@pytest.mark.parametrize("limit", ["0", "101", "-1", "many", "", "1e1"])
def test_a_limit_that_is_not_from_1_to_100_is_400(api: Api, limit: str) -> None:
    assert "100" in api.call("GET", f"/images?limit={limit}").problem(400)["detail"]


UNKNOWN_QUERIES = [
    "cursor=unknown", "status=lost", "after=yesterday", "before=1", "sort=size", "after=9999-12-31T23:59:59-23:59",
]  # fmt: skip


@pytest.mark.parametrize("query", UNKNOWN_QUERIES)
def test_an_invalid_list_parameter_is_400(api: Api, query: str) -> None:
    name = query.partition("=")[0]

    assert name in api.call("GET", f"/images?{query}").problem(400)["detail"]


UNKNOWN = [
    ("GET", "/none"), ("GET", "/"), ("POST", "/health"), ("PUT", "/images"), ("PATCH", "/images/a"),
    ("GET", "/executions"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path"), UNKNOWN)
def test_an_unknown_path_or_method_is_404(api: Api, method: str, path: str) -> None:
    api.call(method, path).problem(404)


def prepared(api: Api) -> tuple[str, dict[str, str]]:
    answer = api.post_json("/uploads", VALID_REQUEST).json
    return answer["url"], answer["headers"]


def test_an_upload_of_more_bytes_than_were_signed_is_403(api: Api) -> None:
    url, headers = prepared(api)
    more = JPEG + b"!"

    del headers["content-length"]  # the HTTP client sets the real length

    assert send("PUT", url, more, headers).status == 403


@pytest.mark.leaves_something
def test_one_link_takes_one_upload(api: Api) -> None:
    prepared_upload = api.post_json("/uploads", VALID_REQUEST).json
    url, headers = prepared_upload["url"], prepared_upload["headers"]
    assert send("PUT", url, JPEG, headers).status == 200
    before = api.finished(prepared_upload["key"])
    begun = len(api.stack.executions())

    assert send("PUT", url, JPEG, headers).status == 412

    assert api.show(prepared_upload["key"]).json["version_id"] == before["version_id"]
    assert len(api.stack.executions()) == begun


def test_an_upload_without_the_signed_condition_is_403(api: Api) -> None:
    url, headers = prepared(api)
    del headers["if-none-match"]

    assert send("PUT", url, JPEG, headers).status == 403


def test_an_upload_of_another_type_than_was_signed_is_403(api: Api) -> None:
    url, headers = prepared(api)
    other = {name: "text/html" if name.lower() == "content-type" else value for name, value in headers.items()}

    assert send("PUT", url, JPEG, other).status == 403


def test_an_upload_to_a_changed_url_is_403(api: Api) -> None:
    url, headers = prepared(api)

    assert send("PUT", url.replace("a.jpg", "b.jpg"), JPEG, headers).status == 403


def test_an_upload_to_a_url_with_a_later_expiry_is_403(api: Api) -> None:
    url, headers = prepared(api)
    longer = re.sub(r"X-Amz-Expires=\d+", "X-Amz-Expires=3600", url)
    assert longer != url

    assert send("PUT", longer, JPEG, headers).status == 403


def test_an_upload_to_an_expired_url_is_403(api: Api) -> None:
    # Signed as the function signs, but for one second.
    bucket = api.stack.outputs["SourceBucketName"]
    put = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    key, secret = api.stack.user(put)
    s3 = api.stack.client("s3", aws_access_key_id=key, aws_secret_access_key=secret)
    url = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "uploads/late.jpg"}, ExpiresIn=1)
    time.sleep(2.1)

    assert send("PUT", url, JPEG).status == 403


def test_a_key_with_dots_and_slashes_is_an_ordinary_key(api: Api) -> None:
    api.show("../../secret").problem(404)
