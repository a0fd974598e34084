"""The extension of S3: versions in events, tags that end with their object, and 403 for missing keys."""

from __future__ import annotations

import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from clouds import Cloud, receive
from rights import allow, user


@pytest.fixture
def s3(deployed: Cloud) -> Any:
    return deployed.client("s3")


@pytest.fixture
def unversioned(s3: Any) -> str:
    name = f"bucket-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})
    return name


def test_an_event_names_the_version_of_the_object(deployed: Cloud, s3: Any) -> None:
    key = "ü+ö & (1)%.jpg"
    put = s3.put_object(Bucket=deployed.outputs["SourceBucketName"], Key=key, Body=b"picture")

    found = created(deployed, key)

    assert found["version-id"] == put["VersionId"]
    assert f'"{found["etag"]}"' == put["ETag"]
    assert found["size"] == 7
    assert int(found["sequencer"], 16) > 0


def test_a_get_of_a_range_of_a_version_returns_the_range(deployed: Cloud, s3: Any) -> None:
    bucket = deployed.outputs["SourceBucketName"]
    version = s3.put_object(Bucket=bucket, Key="digits", Body=b"0123456789")["VersionId"]
    s3.put_object(Bucket=bucket, Key="digits", Body=b"abcdefghij")
    place = {"Bucket": bucket, "Key": "digits", "VersionId": version}

    assert s3.get_object(**place, Range="bytes=2-4")["Body"].read() == b"234"
    assert s3.get_object(**place, Range="bytes=8-99")["ContentRange"] == "bytes 8-9/10"
    with pytest.raises(s3.exceptions.ClientError, match="InvalidRange"):
        s3.get_object(**place, Range="bytes=10-")


def test_the_event_of_a_multipart_upload_names_the_version(deployed: Cloud, s3: Any) -> None:
    place = {"Bucket": deployed.outputs["SourceBucketName"], "Key": "parts"}

    assert created(deployed, "parts", start=lambda: upload_in_parts(s3, place))["version-id"]


def test_later_uploads_have_greater_sequencers(deployed: Cloud, s3: Any) -> None:
    place = {"Bucket": deployed.outputs["SourceBucketName"], "Key": "again"}
    first = created(deployed, "again", start=lambda: s3.put_object(**place, Body=b"1"))
    second = created(deployed, "again", start=lambda: s3.put_object(**place, Body=b"2"))

    assert second["sequencer"] > first["sequencer"]


@pytest.mark.parametrize("upload", ["put", "parts"])
def test_an_overwritten_object_has_no_tags(s3: Any, unversioned: str, upload: str) -> None:
    place = {"Bucket": unversioned, "Key": "rendition"}
    s3.put_object(**place, Body=b"1")
    tag(s3, place)

    if upload == "put":
        s3.put_object(**place, Body=b"2")
    else:
        upload_in_parts(s3, place)

    assert s3.get_object_tagging(**place)["TagSet"] == []


def test_tags_of_the_upload_itself_are_kept(s3: Any, unversioned: str) -> None:
    place = {"Bucket": unversioned, "Key": "rendition"}
    s3.put_object(**place, Body=b"1", Tagging="a=b")

    assert s3.get_object_tagging(**place)["TagSet"] == [{"Key": "a", "Value": "b"}]


def test_a_refused_upload_does_not_change_the_tags(s3: Any, unversioned: str) -> None:
    place = {"Bucket": unversioned, "Key": "rendition"}
    s3.put_object(**place, Body=b"1")
    tag(s3, place)

    with pytest.raises(s3.exceptions.ClientError, match="PreconditionFailed"):
        s3.put_object(**place, Body=b"2", IfNoneMatch="*")

    assert s3.get_object_tagging(**place)["TagSet"] != []


@pytest.mark.parametrize("may_list", [True, False])
def test_a_missing_key_is_403_for_a_caller_who_may_not_list(
    deployed: Cloud, s3: Any, unversioned: str, may_list: bool
) -> None:
    mine = f"arn:aws:s3:::{unversioned}"
    rights = [allow("s3:*Object*", f"{mine}/*"), *([allow("s3:ListBucket", mine)] if may_list else [])]
    client = user(deployed, "s3", *rights)
    s3.put_object(Bucket=unversioned, Key="there", Body=b"1")
    gone = {"Bucket": unversioned, "Key": "gone"}
    attempts = {
        "GET": lambda: client.get_object(**gone),
        "HEAD": lambda: client.head_object(**gone),
        "version": lambda: client.get_object(**gone, VersionId="0123456789"),
        "tags": lambda: client.put_object_tagging(**gone, Tagging={"TagSet": []}),
        "no tags": lambda: client.delete_object_tagging(**gone),
        "presigned": lambda: presigned(client, gone),
    }

    found = {name: status(attempt) for name, attempt in attempts.items()}

    assert set(found.values()) == {404 if may_list else 403}, found
    assert client.get_object(Bucket=unversioned, Key="there")["Body"].read() == b"1"
    assert status(lambda: client.get_object(Bucket="no-such-bucket", Key="gone")) in (403, 404)


def test_a_missing_key_is_access_denied_for_a_caller_who_may_not_list(deployed: Cloud, unversioned: str) -> None:
    client = user(deployed, "s3", allow("s3:GetObject", f"arn:aws:s3:::{unversioned}/*"))

    with pytest.raises(ClientError) as refused:
        client.get_object(Bucket=unversioned, Key="gone")

    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def status(attempt: Callable[[], Any]) -> int:
    """The HTTP status of a call that fails."""
    try:
        attempt()
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"]
    except urllib.error.HTTPError as error:
        return error.code
    raise AssertionError("the call succeeds")


def presigned(s3: Any, place: dict[str, str]) -> Any:
    return urllib.request.urlopen(s3.generate_presigned_url("get_object", Params=place))


def tag(s3: Any, place: dict[str, str]) -> None:
    s3.put_object_tagging(**place, Tagging={"TagSet": [{"Key": "superseded", "Value": "true"}]})


def upload_in_parts(s3: Any, place: dict[str, str]) -> None:
    upload = s3.create_multipart_upload(**place)["UploadId"]
    part = s3.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"part")
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    s3.complete_multipart_upload(**place, UploadId=upload, MultipartUpload=parts)


def created(cloud: Cloud, key: str, start: Any = None) -> dict[str, Any]:
    """The `object` of the next "Object Created" event about this key."""
    if start:
        start()

    def is_expected(event: dict[str, Any]) -> bool:
        return event["detail-type"] == "Object Created" and event["detail"]["object"]["key"] == key

    return receive(cloud, cloud.outputs["EventsUrl"], is_expected)["detail"]["object"]
