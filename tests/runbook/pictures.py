"""What becomes of an upload: how its record stands, and waiting for that."""

from __future__ import annotations

import time
from typing import Any

PATIENCE_S = 60


def status(client: Any, outputs: dict[str, str], key: str) -> str | None:
    found = client("dynamodb").get_item(TableName=outputs["RecordTableName"], Key={"key": {"S": key}})
    return found["Item"]["status"]["S"] if "Item" in found else None


def eventually(holds: Any, what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s: {what}"
        time.sleep(0.1)
