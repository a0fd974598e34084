"""What the extension adds to EventBridge: asynchronous invocation, and dead letters."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from clouds import Cloud, receive


@pytest.fixture
def queue(deployed: Cloud) -> str:
    return deployed.client("sqs").create_queue(QueueName=f"queue-{uuid.uuid4()}")["QueueUrl"]


def test_a_failed_execution_tells_its_error(deployed: Cloud) -> None:
    execution = start_execution(deployed, {"fail": "SourceGone"})

    detail = status_change(deployed, execution, "FAILED")

    assert detail["error"] == "SourceGone"
    assert json.loads(detail["cause"])["errorMessage"] == "as the event says"
    assert json.loads(detail["input"]) == {"fail": "SourceGone"}


def test_a_stopped_execution_tells_that_it_was_aborted(deployed: Cloud) -> None:
    execution = start_execution(deployed, {"sleep_s": 5})
    status_change(deployed, execution, "RUNNING")

    deployed.client("stepfunctions").stop_execution(executionArn=execution)

    assert status_change(deployed, execution, "ABORTED")["name"] == execution.rpartition(":")[2]


def test_a_failure_is_retried_and_then_sent_to_the_failure_destination(deployed: Cloud, queue: str) -> None:
    add_rule(deployed, "retry", function_arn(deployed))
    name = deployed.outputs["EchoFunctionName"]
    destination = {"OnFailure": {"Destination": arn_of(deployed, queue)}}
    deployed.client("lambda").put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=1, DestinationConfig=destination
    )
    before = invocations(deployed)

    put_event(deployed, "retry", {"fail": "StillBroken"})

    failure = receive(deployed, queue)
    assert failure["responsePayload"]["errorType"] == "StillBroken"
    assert invocations(deployed) - before == 2


def test_an_event_without_its_target_becomes_a_dead_letter(deployed: Cloud, queue: str) -> None:
    gone = "arn:aws:states:us-east-1:000000000000:stateMachine:gone"
    add_rule(deployed, "lost", gone, dead_letters=arn_of(deployed, queue))

    put_event(deployed, "lost", {"key": "a"})

    received = []
    letter = receive(deployed, queue, seen=received)
    attributes = {name: value["StringValue"] for name, value in received[-1]["MessageAttributes"].items()}
    assert letter["detail"] == {"key": "a"}
    assert attributes["TARGET_ARN"] == gone
    assert attributes["ERROR_CODE"] == "NO_RESOURCE"


def test_an_event_with_a_target_is_no_dead_letter(deployed: Cloud, queue: str) -> None:
    delivered = deployed.client("sqs").create_queue(QueueName=f"queue-{uuid.uuid4()}")["QueueUrl"]
    add_rule(deployed, "found", arn_of(deployed, delivered), dead_letters=arn_of(deployed, queue))

    put_event(deployed, "found", {"key": "a"})

    assert receive(deployed, delivered)["detail"] == {"key": "a"}
    assert "Messages" not in deployed.client("sqs").receive_message(QueueUrl=queue)


def start_execution(cloud: Cloud, payload: object) -> str:
    machine = cloud.outputs["MachineArn"]
    states = cloud.client("stepfunctions")
    return states.start_execution(stateMachineArn=machine, input=json.dumps(payload))["executionArn"]


def status_change(cloud: Cloud, execution: str, status: str) -> dict[str, Any]:
    def is_it(event: dict[str, Any]) -> bool:
        return event["detail"].get("executionArn") == execution and event["detail"]["status"] == status

    return receive(cloud, cloud.outputs["EventsUrl"], is_it)["detail"]


def add_rule(cloud: Cloud, name: str, target: str, dead_letters: str | None = None) -> None:
    events = cloud.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps({"source": ["test"], "detail-type": [name]}))
    config = {"DeadLetterConfig": {"Arn": dead_letters}} if dead_letters else {}
    events.put_targets(Rule=name, Targets=[{"Id": "target", "Arn": target, **config}])


def put_event(cloud: Cloud, detail_type: str, detail: object) -> None:
    entry = {"Source": "test", "DetailType": detail_type, "Detail": json.dumps(detail)}
    cloud.client("events").put_events(Entries=[entry])


def function_arn(cloud: Cloud) -> str:
    found = cloud.client("lambda").get_function_configuration(FunctionName=cloud.outputs["EchoFunctionName"])
    return found["FunctionArn"]


def arn_of(cloud: Cloud, queue_url: str) -> str:
    attributes = cloud.client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
    return attributes["Attributes"]["QueueArn"]


def invocations(cloud: Cloud) -> int:
    group = f"/aws/lambda/{cloud.outputs['EchoFunctionName']}"
    logs = cloud.client("logs")
    return sum(
        event["message"].startswith("START ")
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        for event in page["events"]
    )
