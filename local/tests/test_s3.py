"""What the extension adds to S3: versions in events, and tags that do not outlive an object."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from clouds import Cloud, receive


@pytest.fixture
def s3(deployed: Cloud) -> Any:
    return deployed.client("s3")


@pytest.fixture
def unversioned(s3: Any) -> str:
    name = f"bucket-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}})
    return name


def test_an_event_names_the_version_that_it_is_about(deployed: Cloud, s3: Any) -> None:
    key = "ü+ö & (1)%.jpg"
    put = s3.put_object(Bucket=deployed.outputs["SourceBucketName"], Key=key, Body=b"picture")

    found = created(deployed, key)

    assert found["version-id"] == put["VersionId"]
    assert f'"{found["etag"]}"' == put["ETag"]
    assert found["size"] == 7
    assert int(found["sequencer"], 16) > 0


def test_a_range_of_a_version_is_that_range(deployed: Cloud, s3: Any) -> None:
    bucket = deployed.outputs["SourceBucketName"]
    version = s3.put_object(Bucket=bucket, Key="digits", Body=b"0123456789")["VersionId"]
    s3.put_object(Bucket=bucket, Key="digits", Body=b"abcdefghij")
    place = {"Bucket": bucket, "Key": "digits", "VersionId": version}

    assert s3.get_object(**place, Range="bytes=2-4")["Body"].read() == b"234"
    assert s3.get_object(**place, Range="bytes=8-99")["ContentRange"] == "bytes 8-9/10"
    with pytest.raises(s3.exceptions.ClientError, match="InvalidRange"):
        s3.get_object(**place, Range="bytes=10-")


def test_a_multipart_upload_names_its_version_too(deployed: Cloud, s3: Any) -> None:
    place = {"Bucket": deployed.outputs["SourceBucketName"], "Key": "parts"}

    assert created(deployed, "parts", start=lambda: upload_in_parts(s3, place))["version-id"]


def test_later_uploads_have_greater_sequencers(deployed: Cloud, s3: Any) -> None:
    place = {"Bucket": deployed.outputs["SourceBucketName"], "Key": "again"}
    first = created(deployed, "again", start=lambda: s3.put_object(**place, Body=b"1"))
    second = created(deployed, "again", start=lambda: s3.put_object(**place, Body=b"2"))

    assert second["sequencer"] > first["sequencer"]


def test_without_versioning_an_event_names_no_version(deployed: Cloud, s3: Any, unversioned: str) -> None:
    s3.put_object(Bucket=unversioned, Key="plain", Body=b"")

    assert "version-id" not in created(deployed, "plain")


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


def test_tags_that_come_with_an_upload_stay(s3: Any, unversioned: str) -> None:
    place = {"Bucket": unversioned, "Key": "rendition"}
    s3.put_object(**place, Body=b"1", Tagging="a=b")

    assert s3.get_object_tagging(**place)["TagSet"] == [{"Key": "a", "Value": "b"}]


def test_a_refused_upload_leaves_the_tags_alone(s3: Any, unversioned: str) -> None:
    place = {"Bucket": unversioned, "Key": "rendition"}
    s3.put_object(**place, Body=b"1")
    tag(s3, place)

    with pytest.raises(s3.exceptions.ClientError, match="PreconditionFailed"):
        s3.put_object(**place, Body=b"2", IfNoneMatch="*")

    assert s3.get_object_tagging(**place)["TagSet"] != []


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

    def is_it(event: dict[str, Any]) -> bool:
        return event["detail-type"] == "Object Created" and event["detail"]["object"]["key"] == key

    return receive(cloud, cloud.outputs["EventsUrl"], is_it)["detail"]["object"]
