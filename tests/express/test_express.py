"""The same definition as an EXPRESS workflow, in a stack of its own on the local cloud that DARKROOM_OUTPUTS names.

The local cloud writes no execution logs; what they are to hold is asked of the template, in `tests/infrastructure`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from pathlib import Path
from typing import Any

import boto3
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
STACK = "darkroom-express"
PATIENCE_S = 60


@pytest.fixture(scope="module")
def outputs() -> dict[str, str]:
    """The stack's, deployed from the same build as the usual one."""
    if not (usual := os.environ.get("DARKROOM_OUTPUTS")):
        pytest.skip("DARKROOM_OUTPUTS names no deployed stack: `make test` deploys one")
    folder = Path(usual).resolve().parent
    port = json.loads((folder / "server.json").read_text())["port"]
    command = [
        sys.executable, str(REPOSITORY / "local" / "cloud.py"), "--dir", str(folder), "--port", str(port),
        "deploy", "--built", "--stack", STACK, "--set", "WorkflowType=EXPRESS", "--set", "ApiLogRole=existing",
    ]  # fmt: skip
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / f"{STACK}.outputs.json").read_text())


@pytest.fixture(scope="module")
def client(outputs):
    def client(service: str) -> Any:
        return boto3.client(
            service, endpoint_url=outputs["Endpoint"], region_name=outputs["Region"],
            aws_access_key_id="test", aws_secret_access_key="test",
        )  # fmt: skip

    return client


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
