"""Every call of the API, with each kind of authorisation."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlencode, urlsplit

import pytest
from calls import Api, send
from pictures import JPEG

# Keys that a direct writer of the bucket may choose.
KEYS = ["plain.jpg", "with space.jpg", "a+b.jpg", "100%.jpg", "%2F.jpg", "(1).jpg", "träume/日本.jpg", "a/b/c.jpg"]


def test_a_posted_picture_is_completed_and_its_renditions_download(any_api: Api) -> None:
    answer = any_api.upload(JPEG)

    assert answer.status == 202, answer.body
    key = answer.json["key"]
    assert key.startswith("uploads/image/jpeg/")
    assert answer.json["href"] == answer.headers["Location"]
    assert urlsplit(any_api.stack.outputs["ApiUrl"]).path + f"/images/{key}" == answer.json["href"]
    record = any_api.finished(key)
    assert (record["status"], record["format"], record["width"], record["height"]) == ("completed", "jpeg", 96, 64)
    assert [rendition["name"] for rendition in record["renditions"]] == ["thumbnail", "medium", "large", "original"]
    for rendition in record["renditions"]:
        got = send("GET", rendition["url"])
        assert (got.status, got.headers["Content-Type"], len(got.body)) == (200, "image/webp", rendition["byte_len"])


@pytest.mark.parametrize("write", [str, str.lower, str.capitalize])
def test_a_posted_picture_is_completed_whatever_the_case_of_its_header(any_api: Api, write: Callable[[str], str]) -> None:
    # Lower case as over HTTP/2, and capitalised as by urllib. http.client, below urllib3, sends names unchanged.
    answer = any_api.call("POST", "/images", JPEG, **{write("Content-Type"): "image/jpeg"})

    assert answer.status == 202, answer.body
    assert answer.json["key"].startswith("uploads/image/jpeg/")
    assert any_api.finished(answer.json["key"])["status"] == "completed"


@pytest.mark.parametrize("content_type", ["image/jpg", "image/pjpeg"])
def test_an_alias_of_a_content_type_can_be_posted(api: Api, content_type: str) -> None:
    answer = api.upload(JPEG, content_type)

    assert answer.status == 202, answer.body
    assert answer.json["key"].startswith(f"uploads/{content_type}/")
    assert api.finished(answer.json["key"])["status"] == "completed"


@pytest.mark.parametrize("content_type", ["image/jpg", "IMAGE/JPEG", "image/jpeg; charset=binary"])
def test_a_presigned_upload_is_for_the_content_type_as_the_client_writes_it(api: Api, content_type: str) -> None:
    asked = {"filename": "photo.jpg", "content_type": content_type, "byte_len": len(JPEG)}
    prepared = api.post_json("/uploads", asked).json

    assert prepared["headers"]["content-type"] == content_type
    assert send("PUT", prepared["url"], JPEG, prepared["headers"]).status == 200
    assert api.finished(prepared["key"])["status"] == "completed"


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_presigned_upload_accepts_the_picture(any_api: Api, method: str) -> None:
    asked = {"filename": "my photo.jpg", "content_type": "image/jpeg", "byte_len": len(JPEG), "profile": "widths"}

    if method == "POST":
        answer, expected = any_api.post_json("/uploads", asked), 201
    else:
        answer, expected = any_api.call("GET", f"/uploads?{urlencode(asked, quote_via=quote)}"), 200

    assert answer.status == expected, answer.body
    prepared = answer.json
    bound = {"content-length": str(len(JPEG)), "content-type": "image/jpeg", "if-none-match": "*"}
    assert prepared["headers"] == bound
    assert prepared["key"].startswith("widths/") and prepared["key"].endswith("/my photo.jpg")
    assert send("PUT", prepared["url"], JPEG, prepared["headers"]).status == 200
    assert any_api.finished(prepared["key"])["profile"] == "widths"


def test_links_and_lists_are_not_cached(any_api: Api) -> None:
    asked = urlencode({"filename": "a.jpg", "content_type": "image/jpeg", "byte_len": len(JPEG)})
    for path in ("/images", f"/uploads?{asked}"):
        assert any_api.call("GET", path).headers["Cache-Control"] == "no-store"


def test_polling_an_unchanged_record_is_304(any_api: Api) -> None:
    key = any_api.upload(JPEG).json["key"]
    any_api.finished(key)
    shown = any_api.show(key)

    upload_again = any_api.show(key, If_None_Match=shown.headers["ETag"])

    assert (upload_again.status, upload_again.body) == (304, b"")
    assert any_api.show(key, If_None_Match='"another"').status == 200


def test_a_list_is_newest_first_and_its_cursor_continues_where_it_ended(any_api: Api) -> None:
    keys = [any_api.upload(JPEG).json["key"] for _ in range(3)]
    for key in keys:
        any_api.finished(key)

    first = any_api.call("GET", "/images?status=completed&limit=2").json
    arrived_between = any_api.upload(JPEG).json["key"]
    any_api.finished(arrived_between)
    rest, cursor = [], first["cursor"]
    while cursor:
        page = any_api.call("GET", f"/images?status=completed&limit=2&cursor={quote(cursor, safe='')}").json
        rest.extend(page["images"])
        cursor = page.get("cursor")

    listed = [record["key"] for record in first["images"] + rest]
    assert len(first["images"]) == 2 and len(listed) == len(set(listed))
    assert set(keys) <= set(listed) and arrived_between not in listed
    moments = [record["received_at"] for record in first["images"] + rest]
    assert moments == sorted(moments, reverse=True)


def test_reprocessing_a_picture_twice_in_a_second_starts_one_execution(any_api: Api) -> None:
    key = any_api.upload(JPEG).json["key"]
    before = any_api.finished(key)

    def upload_again(_: int) -> str:
        answer = any_api.post_json("/executions", {"key": key})
        assert (answer.status, answer.json["key"]) == (202, key), answer
        return answer.json["execution"]

    # The two calls of a pair can fall into different seconds, but not those of all five pairs.
    with ThreadPoolExecutor(2) as both:
        pairs = [set(both.map(upload_again, range(2))) for _ in range(5)]

    assert min(len(pair) for pair in pairs) == 1, pairs
    started = set().union(*pairs)
    assert before["execution"] not in started
    step_functions = any_api.stack.client("stepfunctions")
    assert all(step_functions.describe_execution(executionArn=execution)["input"] for execution in started)
    record = any_api.finished(key)
    assert (record["status"], record["renditions"][0]["key"]) == ("completed", before["renditions"][0]["key"])


@pytest.mark.parametrize("name", KEYS)
def test_a_picture_with_any_key_can_be_shown_and_deleted(api: Api, name: str) -> None:
    key = f"keys-{uuid.uuid4()}/{name}"
    bucket = api.stack.outputs["SourceBucketName"]
    api.stack.client("s3").put_object(Bucket=bucket, Key=key, Body=JPEG)
    assert api.finished(key)["key"] == key

    assert api.call("DELETE", f"/images/{quote(key)}").status == 204

    assert key not in api.stack.sources()


def test_what_was_deleted_can_be_brought_back(api: Api) -> None:
    key = api.upload(JPEG).json["key"]
    before = api.finished(key)
    for _ in range(2):
        assert api.call("DELETE", f"/images/{quote(key)}").status == 204
    assert api.show(key).status == 404
    s3, bucket = api.stack.client("s3"), api.stack.outputs["SourceBucketName"]
    versions = s3.list_object_versions(Bucket=bucket, Prefix=key)
    assert [version["VersionId"] for version in versions["Versions"]] == [before["version_id"]]

    (marker,) = versions["DeleteMarkers"]
    s3.delete_object(Bucket=bucket, Key=key, VersionId=marker["VersionId"])
    after = api.finished(key)

    assert (after["status"], after["version_id"]) == ("completed", before["version_id"])
    assert [it["key"] for it in after["renditions"]] == [it["key"] for it in before["renditions"]]


def test_purging_removes_everything_and_can_be_repeated(any_api: Api) -> None:
    key = any_api.upload(JPEG).json["key"]
    renditions = any_api.finished(key)["renditions"]

    for _ in range(2):
        assert any_api.call("DELETE", f"/images/{quote(key)}?purge=true").status == 204

    assert any_api.show(key).status == 404
    s3, outputs = any_api.stack.client("s3"), any_api.stack.outputs
    versions = s3.list_object_versions(Bucket=outputs["SourceBucketName"], Prefix=key)
    assert not versions.get("Versions") and not versions.get("DeleteMarkers")
    left = s3.list_objects_v2(Bucket=outputs["DestinationBucketName"], Prefix=key).get("Contents", [])
    assert not left and renditions


def test_health_needs_no_authorization(any_api: Api) -> None:
    answer = send("GET", any_api.stack.outputs["ApiUrl"] + "/health")

    assert answer.status == 200 and answer.json["status"] and answer.json["version"]
