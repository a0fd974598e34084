"""The same definition as an EXPRESS workflow, in a stack of its own on the local cloud that DARKROOM_OUTPUTS names.

The local cloud writes no execution logs; what they are to hold is asked of the template, in `tests/infrastructure`.
"""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
STACK = "darkroom-express"
PATIENCE_S = 600


@pytest.fixture(scope="module")
def outputs(deploy) -> dict[str, str]:
    return deploy(STACK, WorkflowType="EXPRESS", ApiLogRole="existing")


def record_of(outputs, client, body: bytes) -> Any:
    key = f"uploads/{uuid.uuid4()}.jpg"
    client("s3").put_object(Bucket=outputs["SourceBucketName"], Key=key, Body=body)
    table = client("dynamodb")
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = table.get_item(TableName=outputs["RecordTableName"], Key={"key": {"S": key}}).get("Item")
        if found and found["status"]["S"] != "processing":
            return found
        time.sleep(0.1)
    raise AssertionError(f"no outcome within {PATIENCE_S} s")


def test_it_is_express_and_has_a_log_to_be_read_in(outputs, client):
    machine = client("stepfunctions").describe_state_machine(stateMachineArn=outputs["StateMachineArn"])
    assert machine["type"] == "EXPRESS"
    group = f"/aws/vendedlogs/states/{STACK}-image-pipeline"
    groups = client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [it["logGroupName"] for it in groups] == [group]


def test_a_picture_is_completed_and_another_rejected(outputs, client):
    completed = record_of(outputs, client, (REPOSITORY / "events" / "picture.jpg").read_bytes())
    assert completed["status"]["S"] == "completed"
    assert len(completed["renditions"]["L"]) == 4
    rejected = record_of(outputs, client, b"Dear diary")
    assert rejected["rejection"]["M"]["code"]["S"] == "not_an_image"
