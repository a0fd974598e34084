"""A few hostile files through the deployed pipeline: each execution succeeds. `make hostile` has all of the files."""

from __future__ import annotations

import sys
import uuid
from typing import Any

import pytest
from darkroom_local.layout import REPOSITORY
from uploads import Record, finished, upload

sys.path.insert(0, str(REPOSITORY / "tests" / "hostile"))

from bombs import gif, jpeg, png, webp  # noqa: E402

EXPECTED = {
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
    "header-arithmetic.jpg": "completed",
}
MAKE = {**png.FILES, **gif.FILES, **webp.FILES, **jpeg.FILES}


@pytest.fixture(scope="module")
def records(client: Any, outputs: dict[str, str]) -> dict[str, Record]:
    """File to its record. All are uploaded before the first is waited for."""
    folder = f"uploads/{uuid.uuid4()}"
    keys = {name: upload(client, outputs, MAKE[name](), f"{folder}/{name}") for name in EXPECTED}
    return {name: finished(client, outputs, key) for name, key in keys.items()}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_execution_of_a_hostile_file_succeeds_with_a_verdict(name: str, client: Any, records: dict[str, Record]) -> None:
    record = records[name]
    assert record.get("rejection", {}).get("code", record["status"]) == EXPECTED[name], record
    execution = client("stepfunctions").describe_execution(executionArn=record["execution"])
    # The record is closed a moment before the execution ends.
    assert execution["status"] in ("SUCCEEDED", "RUNNING")
