"""Uploads to a stack on the local cloud, and the records that the pipeline writes of them."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from darkroom_local.layout import REPOSITORY

PICTURE = REPOSITORY / "events" / "picture.jpg"
WITHIN_S = 600

Client = Callable[[str], Any]
Record = dict[str, Any]


def upload(client: Client, outputs: dict[str, str], body: bytes | None = None, key: str | None = None) -> str:
    """Puts a file into the source bucket, by default a valid picture under a new key. Returns the key."""
    key = key or f"uploads/{uuid.uuid4()}.jpg"
    content = PICTURE.read_bytes() if body is None else body
    client("s3").put_object(Bucket=outputs["SourceBucketName"], Key=key, Body=content)
    return key


def record(client: Client, outputs: dict[str, str], key: str) -> Record | None:
    """The record of a key, in plain values."""
    found = client("dynamodb").get_item(TableName=outputs["RecordTableName"], Key={"key": {"S": key}})
    return TypeDeserializer().deserialize({"M": found["Item"]}) if "Item" in found else None


def status(client: Client, outputs: dict[str, str], key: str) -> str | None:
    """The status in the record of a key."""
    found = record(client, outputs, key)
    return found and found["status"]


def finished(client: Client, outputs: dict[str, str], key: str) -> Record:
    """Waits until the record of a key has an outcome, and returns it."""
    eventually(lambda: status(client, outputs, key) not in (None, "processing"), f"{key} has an outcome")
    found = record(client, outputs, key)
    assert found
    return found


def eventually(condition: Callable[[], bool], what: str) -> None:
    """Waits until a condition holds; fails if it does not within ten minutes."""
    deadline = time.monotonic() + WITHIN_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {WITHIN_S} s: {what}"
        time.sleep(0.1)
