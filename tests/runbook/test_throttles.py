"""*Throttles* in docs/operations.md, and *To pause* without a queue: throttled tasks wait for free concurrency."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import commands
import pytest
from uploads import eventually, status, upload

THROTTLE = "Lambda.TooManyRequestsException"


@pytest.fixture(scope="module")
def outputs(deploy: Callable[..., dict[str, str]]) -> dict[str, str]:
    return deploy("darkroom-busy")


@pytest.fixture
def block_resize(client: Any, outputs: dict[str, str]) -> Iterator[Callable[[], Any]]:
    """Sets the concurrency of the resize function to 0, until the fixture's value is called."""
    functions, name = client("lambda"), {"FunctionName": outputs["ResizeFunctionName"]}
    functions.put_function_concurrency(**name, ReservedConcurrentExecutions=0)
    yield lambda: functions.delete_function_concurrency(**name)
    functions.delete_function_concurrency(**name)


def test_renditions_wait_until_a_function_is_free(client: Any, outputs: dict[str, str], block_resize: Any) -> None:
    key = upload(client, outputs)
    eventually(lambda: throttled(client, outputs) > 4, "every rendition was refused, and one of them twice")
    assert status(client, outputs, key) == "processing"

    block_resize()

    eventually(lambda: status(client, outputs, key) == "completed", "it is completed")
    now = datetime.now(timezone.utc)
    refused = client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda", MetricName="Throttles", Statistics=["Sum"], Period=300,
        Dimensions=[{"Name": "FunctionName", "Value": outputs["ResizeFunctionName"]}],
        StartTime=now - timedelta(minutes=10), EndTime=now + timedelta(minutes=5),
    )  # fmt: skip
    assert sum(point["Sum"] for point in refused["Datapoints"]) > 4, "the metric of the alarm"


def test_uploads_wait_while_validate_has_no_concurrency(client: Any, outputs: dict[str, str]) -> None:
    *_, removing, restoring = commands.of_section("To pause")
    names = {"VALIDATE_FUNCTION_NAME": outputs["ValidateFunctionName"]}

    commands.run(removing, names, client)
    key = upload(client, outputs)
    eventually(lambda: throttled(client, outputs) > 1, "its execution has begun, and tries again")
    assert status(client, outputs, key) is None

    commands.run(restoring, names, client)
    eventually(lambda: status(client, outputs, key) == "completed", "it is completed")


def throttled(client: Any, outputs: dict[str, str]) -> int:
    """How often the latest execution was throttled."""
    step_functions, machine = client("stepfunctions"), outputs["StateMachineArn"]
    executions = step_functions.list_executions(stateMachineArn=machine)["executions"]
    if not executions:
        return 0
    latest = max(executions, key=lambda execution: execution["startDate"])
    history = step_functions.get_execution_history(executionArn=latest["executionArn"], maxResults=1000)["events"]
    failures = [event.get("taskFailedEventDetails", {}) for event in history]
    return sum(failure.get("error") == THROTTLE for failure in failures)
