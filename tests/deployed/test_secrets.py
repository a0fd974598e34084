"""Secrets of a picture and of presigned URLs are in no log, event, record or execution."""

from __future__ import annotations

import itertools
import json
import re
import struct
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from uploads import finished

# One word for each field of the EXIF that no encoder and no clock writes by chance.
SERIAL, OWNER, PLACE, NOTE = "SN-4711-DRKRM", "Erika Mustermann", "Hidden Valley 47.1N", "the note nobody reads"
LATITUDE = "47.1234 degrees north"
PATTERNS = {
    "a signature": r"X-Amz-Signature=[0-9a-f]{16}|AWS4-HMAC-SHA256|Signature=[0-9a-f]{32}",
    "a session token": r"X-Amz-Security-Token=\w|aws_session_token|x-amz-security-token\W+\w{20}",
    "an access key": r"\b(ASIA|AKIA)[0-9A-Z]{16}\b",
    "a secret key": r"(?i)secret_?access_?key\W+\w",
    "a bearer token": r"(?i)authorization\W+bearer|\beyJ[\w-]{20,}\.[\w-]{20,}\.",
}


@pytest.fixture(scope="module")
def queue(client: Any, outputs: dict[str, str]) -> str:
    """The URL of a queue that receives every event of Darkroom from now on."""
    sqs, events = client("sqs"), client("events")
    url = sqs.create_queue(QueueName=f"events-{uuid.uuid4()}")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    rules = {"Service": "events.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": rules, "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    rule = {"Rule": "secrets", "EventBusName": outputs["EventBusName"]}
    events.put_rule(
        Name=rule["Rule"], EventBusName=rule["EventBusName"], EventPattern=json.dumps({"source": ["darkroom"]})
    )
    events.put_targets(**rule, Targets=[{"Id": "queue", "Arn": arn}])
    return url


@pytest.fixture(scope="module")
def upload(client: Any, outputs: dict[str, str], queue: str) -> tuple[str, list[str]]:
    """Uploads a picture with secrets by a presigned URL, and reads its record. Returns the key, and the signatures of
    the upload link and of the links in the record."""
    key, upload_url, headers = _presigned(outputs)
    _put(upload_url, headers, _picture())
    finished(client, outputs, key)
    record = _call(outputs, f"/images/{key}")
    links = [upload_url, *(rendition["url"] for rendition in record["renditions"])]
    signatures = [found for link in links for found in re.findall(r"X-Amz-Signature=([0-9a-f]+)", link)]
    assert len(signatures) == 5, "one upload and four renditions"
    return key, signatures


@pytest.fixture(scope="module")
def written(client: Any, outputs: dict[str, str], stack: str, upload: Any, queue: str) -> dict[str, str]:
    """Place to text: everything that Darkroom and the services have written, about all pictures."""
    received = client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=5).get("Messages", [])
    events = {f"event {number}": message["Body"] for number, message in enumerate(received)}
    return {where: text for where, text in _texts(client, outputs, stack)} | events


def test_every_place_that_is_searched_mentions_the_picture(written: dict[str, str], upload: Any) -> None:
    key, _ = upload
    for kind in ("log /aws/lambda", "record", "execution", "event"):
        assert any(where.startswith(kind) and key in text for where, text in written.items()), kind


def test_no_text_contains_exif_data(written: dict[str, str]) -> None:
    for where, text in written.items():
        for secret in (SERIAL, OWNER, PLACE, NOTE, LATITUDE):
            assert secret not in text, f"{secret} in {where}"
        assert re.search(r"\bExif\b", text) is None, where


def test_no_text_contains_the_signature_of_a_link(written: dict[str, str], upload: Any) -> None:
    _, signatures = upload
    for where, text in written.items():
        assert not any(signature in text for signature in signatures), where


@pytest.mark.parametrize("what", PATTERNS)
def test_no_text_contains_a_credential(what: str, written: dict[str, str]) -> None:
    for where, text in written.items():
        found = re.search(PATTERNS[what], text)
        assert found is None, f"{what} in {where}: {text[max(0, found.start() - 80) : found.end()]}"


def test_each_pattern_finds_an_example() -> None:
    # Otherwise a broken pattern would find nothing, and the tests would pass.
    examples = {
        "a signature": "https://b.s3/x?X-Amz-Signature=0123456789abcdef0123",
        "a session token": "x-amz-security-token: IQoJb3JpZ2luX2VjEJrABCDEFGH",
        "an access key": "credential ASIAABCDEFGHIJKLMNOP expired",
        "a secret key": 'AWS_SECRET_ACCESS_KEY="wJalr',
        "a bearer token": "Authorization: Bearer abc",
    }
    assert examples.keys() == PATTERNS.keys()
    for what, example in examples.items():
        assert re.search(PATTERNS[what], example), what


def _texts(client: Any, outputs: dict[str, str], stack: str) -> Iterator[tuple[str, str]]:
    logs, number = client("logs"), itertools.count()
    for group in logs.describe_log_groups()["logGroups"]:
        if stack in (name := group["logGroupName"]):
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
                for event in page["events"]:
                    yield f"log {name} {event['logStreamName']} {next(number)}", event["message"]
    for page in client("dynamodb").get_paginator("scan").paginate(TableName=outputs["RecordTableName"]):
        yield from ((f"record {item['key']['S']}", json.dumps(item)) for item in page["Items"])
    machine, step_functions = outputs["StateMachineArn"], client("stepfunctions")
    for page in step_functions.get_paginator("list_executions").paginate(stateMachineArn=machine):
        for execution in page["executions"]:
            history = step_functions.get_execution_history(executionArn=execution["executionArn"], maxResults=1000)
            yield f"execution {execution['name']}", json.dumps(history["events"], default=str)


def _presigned(outputs: dict[str, str]) -> tuple[str, str, dict[str, str]]:
    request = {"filename": f"{uuid.uuid4()}.jpg", "content_type": "image/jpeg", "byte_len": len(_picture())}
    presigned = _call(outputs, "/uploads", json.dumps(request).encode())
    return presigned["key"], presigned["url"], presigned["headers"]


def _put(url: str, headers: dict[str, str], picture: bytes) -> None:
    request = urllib.request.Request(url, data=picture, method="PUT", headers=headers)
    with urllib.request.urlopen(request, timeout=600) as response:
        assert response.status == 200


def _call(outputs: dict[str, str], path: str, body: bytes | None = None) -> Any:
    headers = {"x-api-key": outputs["ApiKey"], "Content-Type": "application/json"}
    request = urllib.request.Request(outputs["ApiUrl"] + path, data=body, headers=headers)
    with urllib.request.urlopen(request, timeout=600) as response:
        return json.load(response)


def _picture() -> bytes:
    """A grey JPEG of 16×16 px with secrets in its EXIF."""
    gps = _directory(38, [(0x1B, 7, PLACE.encode() + b"\0"), (0x04, 2, LATITUDE.encode() + b"\0")])
    tags = [(0x010E, 2, NOTE.encode() + b"\0"), (0xA430, 2, OWNER.encode() + b"\0"), (0xA431, 2, SERIAL.encode() + b"\0")]
    exif = b"Exif\0\0MM\0*\0\0\0\x08" + _directory(8, tags) + gps
    app1 = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    tables = b"\xff\xdb\0\x43\0" + b"\1" * 64 + b"".join(
        b"\xff\xc4\0\x14" + bytes([kind, 1]) + bytes(15) + b"\0" for kind in (0, 0x10)
    )  # fmt: skip
    frame = b"\xff\xc0\0\x0b\x08\0\x10\0\x10\1\1\x11\0"
    return b"\xff\xd8" + app1 + tables + frame + b"\xff\xda\0\x08\1\1\0\0\x3f\0" + b"\0" + b"\xff\xd9"


def _directory(start: int, tags: list[tuple[int, int, bytes]]) -> bytes:
    entries, values, at = b"", b"", start + 2 + 12 * len(tags) + 4
    for tag, kind, value in tags:
        entries += struct.pack(">HHII", tag, kind, len(value), at + len(values))
        values += value
    return struct.pack(">H", len(tags)) + entries + b"\0\0\0\0" + values
