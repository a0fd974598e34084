"""Adapts the files of `events/` to a stack.

All files describe one upload, the one in `validate.upload.json`. This module uploads a picture under its key, and
replaces the example's buckets, version, content, execution and API key by those of the real upload. It accepts other
events of the same shape, too.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from darkroom_local.layout import REPOSITORY, LocalCloudError

from .stack import Stack

EVENTS = REPOSITORY / "events"
PICTURE = EVENTS / "picture.jpg"
TIMEOUT_S = 600


def function_of(event: Path) -> str:
    """The function that an event is for: the first word of its file name."""
    return event.name.partition(".")[0]


def for_stack(event: Path, stack: Stack) -> Any:
    """The event, changed to describe a picture that is in the stack."""
    text = event.read_text(encoding="utf-8")
    for example, real in _replacements(stack):
        text = text.replace(example, real)
    return json.loads(text)


def _replacements(stack: Stack) -> list[tuple[str, str]]:
    upload = json.loads((EVENTS / "validate.upload.json").read_text(encoding="utf-8"))
    job = json.loads((EVENTS / "resize.job.json").read_text(encoding="utf-8"))
    example = upload["detail"]["object"]
    record = _uploaded(stack, example["key"])
    call = json.loads((EVENTS / "images.delete.json").read_text(encoding="utf-8"))
    key_id = call["requestContext"]["identity"]["apiKeyId"]
    machine = upload["execution"].replace(":execution:", ":stateMachine:").rpartition(":")[0]
    return [
        (upload["detail"]["bucket"]["name"], stack.outputs["SourceBucketName"]),
        (job["destination"]["bucket"], stack.outputs["DestinationBucketName"]),
        (example["version-id"], record["version_id"]["S"]),
        (example["etag"], record["etag"]["S"]),
        (example["sequencer"], record["sequencer"]["S"]),
        (str(example["size"]), record["byte_len"]["N"]),
        (upload["execution"], record["execution"]["S"]),
        (upload["received_at"], record["received_at"]["S"]),
        (machine, stack.outputs["StateMachineArn"]),
        # The stack's own key may delete and reprocess. With other authorisation there is no key.
        (key_id, stack.outputs.get("ApiKeyId", key_id)),
    ]


def _uploaded(stack: Stack, key: str) -> Any:
    """The record of the picture under a key; uploads a picture if there is no record."""
    record = _record(stack, key)
    if record is None:
        bucket = stack.outputs["SourceBucketName"]
        stack.client("s3").put_object(Bucket=bucket, Key=key, Body=PICTURE.read_bytes())
    deadline = time.monotonic() + TIMEOUT_S
    while record is None or record["status"]["S"] == "processing":
        if time.monotonic() > deadline:
            raise LocalCloudError(f"'{key}' was uploaded, but has no outcome after {TIMEOUT_S} s")
        time.sleep(0.2)
        record = _record(stack, key)
    return record


def _record(stack: Stack, key: str) -> Any:
    table = stack.outputs["RecordTableName"]
    found = stack.client("dynamodb").get_item(TableName=table, Key={"key": {"S": key}}, ConsistentRead=True)
    # The record of a removed picture is a tombstone, without a version.
    item = found.get("Item")
    return item if item and "version_id" in item else None
