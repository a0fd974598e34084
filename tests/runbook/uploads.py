"""An upload, and what becomes of it: how its record stands, and waiting for that."""

from __future__ import annotations

import time
import uuid
from typing import Any

from darkroom_local.layout import REPOSITORY

PATIENCE_S = 600


def upload(client: Any, outputs: dict[str, str]) -> str:
    """Puts a sound picture into the source bucket; its key."""
    key = f"uploads/{uuid.uuid4()}.jpg"
    picture = (REPOSITORY / "events" / "picture.jpg").read_bytes()
    client("s3").put_object(Bucket=outputs["SourceBucketName"], Key=key, Body=picture)
    return key


def status(client: Any, outputs: dict[str, str], key: str) -> str | None:
    found = client("dynamodb").get_item(TableName=outputs["RecordTableName"], Key={"key": {"S": key}})
    return found["Item"]["status"]["S"] if "Item" in found else None


def eventually(holds: Any, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s: {what}"
        time.sleep(0.1)
