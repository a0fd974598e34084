"""The files of `events/`, pointed at a stack.

All of them are about one upload, the one in `validate.upload.json`. A picture is uploaded in its place, and what the
event says of buckets, version, content, execution and API key is exchanged for what is true of that. Other events of the same
shape may be given, too: what isn't in them isn't exchanged.
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
PATIENCE_S = 600


def function_of(event: Path) -> str:
    """The function that an event is for, which its name begins with."""
    return event.name.partition(".")[0]


def pointed(event: Path, stack: Stack) -> Any:
    """The event, about a picture that is in the stack."""
    text = event.read_text(encoding="utf-8")
    for example, real in _exchanges(stack):
        text = text.replace(example, real)
    return json.loads(text)


def _exchanges(stack: Stack) -> list[tuple[str, str]]:
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
        # The stack's own key may delete and process again; other authorisation has none.
        (key_id, stack.outputs.get("ApiKeyId", key_id)),
    ]


def _uploaded(stack: Stack, key: str) -> Any:
    """The record of a picture under that key, which is uploaded if there is none."""
    record = _record(stack, key)
    if record is None:
        bucket = stack.outputs["SourceBucketName"]
        stack.client("s3").put_object(Bucket=bucket, Key=key, Body=PICTURE.read_bytes())
    deadline = time.monotonic() + PATIENCE_S
    while record is None or record["status"]["S"] == "processing":
        if time.monotonic() > deadline:
            raise LocalCloudError(f"'{key}' was uploaded, and has no outcome after {PATIENCE_S} s")
        time.sleep(0.2)
        record = _record(stack, key)
    return record


def _record(stack: Stack, key: str) -> Any:
    table = stack.outputs["RecordTableName"]
    found = stack.client("dynamodb").get_item(TableName=table, Key={"key": {"S": key}}, ConsistentRead=True)
    # A removed picture leaves a record behind that says no more than when.
    item = found.get("Item")
    return item if item and "version_id" in item else None
