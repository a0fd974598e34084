"""A few hostile files through the deployed pipeline: each ends green, and as a verdict. `make hostile` has the others."""

from __future__ import annotations

import sys
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "hostile"))

from bombs import gif, jpeg, png, webp

PATIENCE_S = 600
ENDS = {
    "bomb-rgba-16383x16383.png": "too_much_memory",
    "header-65535x65535.png": "too_many_pixels",
    "icc-garbage.png": "completed",
    "pixels-a-gigabyte-too-many.png": "completed",
    "pixels-too-few.png": "corrupt",
    "frames-100000.gif": "too_many_frames",
    "codes-garbage.gif": "corrupt",
    "bomb-16383x16383.webp": "too_much_memory",
    "header-claims-4-gb.webp": "corrupt",
    "header-65535x65535.jpg": "too_many_pixels",
    "scans-2647-of-800x600.jpg": "too_many_scans",
    "header-arithmetic.jpg": "unsupported_format",
}
MAKE = {**png.FILES, **gif.FILES, **webp.FILES, **jpeg.FILES}


@pytest.fixture(scope="module")
def ended(client: Any, outputs: dict[str, str]) -> dict[str, dict[str, Any]]:
    """File to its record, all uploaded at once."""
    s3, folder = client("s3"), f"uploads/{uuid.uuid4()}"
    for name in ENDS:
        s3.put_object(Bucket=outputs["SourceBucketName"], Key=f"{folder}/{name}", Body=MAKE[name]())
    table, deadline, records = client("dynamodb"), time.monotonic() + PATIENCE_S, {}
    while records.keys() != ENDS.keys() and time.monotonic() < deadline:
        time.sleep(0.5)
        for name in ENDS.keys() - records.keys():
            key = {"key": {"S": f"{folder}/{name}"}}
            record = table.get_item(TableName=outputs["RecordTableName"], Key=key).get("Item", {})
            if record.get("status", {}).get("S", "processing") != "processing":
                records[name] = record
    return records


@pytest.mark.parametrize("name", ENDS)
def test_a_hostile_file_ends_green_and_as_a_verdict(name: str, client: Any, ended: Any) -> None:
    assert name in ended, f"no outcome after {PATIENCE_S} s"
    record = ended[name]
    rejection = record.get("rejection", {}).get("M", {}).get("code", {}).get("S")
    assert (rejection or record["status"]["S"]) == ENDS[name], record
    execution = client("stepfunctions").describe_execution(executionArn=record["execution"]["S"])
    # The record is closed a moment before the execution ends.
    assert execution["status"] in ("SUCCEEDED", "RUNNING")
