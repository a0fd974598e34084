"""The state machine as an EXPRESS workflow, in a stack of its own.

The local cloud writes no execution logs, so the tests check only that the log group exists.
"""

from __future__ import annotations

import pytest
from uploads import finished, upload

STACK = "darkroom-express"


@pytest.fixture(scope="module")
def outputs(deploy) -> dict[str, str]:
    return deploy(STACK, WorkflowType="EXPRESS", ApiLogRole="existing")


def test_the_state_machine_is_express_and_has_a_log_group(outputs, client):
    machine = client("stepfunctions").describe_state_machine(stateMachineArn=outputs["StateMachineArn"])
    assert machine["type"] == "EXPRESS"
    group = f"/aws/vendedlogs/states/{STACK}-image-pipeline"
    groups = client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert [it["logGroupName"] for it in groups] == [group]


def test_an_express_workflow_completes_a_picture_and_rejects_a_text(outputs, client):
    completed = finished(client, outputs, upload(client, outputs))
    assert completed["status"] == "completed" and len(completed["renditions"]) == 4
    rejected = finished(client, outputs, upload(client, outputs, b"Dear diary"))
    assert rejected["rejection"]["code"] == "not_an_image"
