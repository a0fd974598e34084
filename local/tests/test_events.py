"""The extension of EventBridge: asynchronous invocation, dead letters, and rights to call targets."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from clouds import Cloud, receive, wait_for
from rights import allow, let_rules_send, queue_arn, role

RULES = "events.amazonaws.com"


@pytest.fixture
def queue(deployed: Cloud) -> str:
    """A queue that rules may send to."""
    url = closed_queue(deployed)
    let_rules_send(deployed, url)
    return url


@pytest.fixture
def alias(deployed: Cloud) -> Iterator[str]:
    """An alias of the state machine."""
    states, machine = deployed.client("stepfunctions"), deployed.outputs["MachineArn"]
    version = states.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    route = [{"stateMachineVersionArn": version, "weight": 100}]
    made = states.create_state_machine_alias(name=f"alias-{uuid.uuid4().hex}", routingConfiguration=route)
    yield made["stateMachineAliasArn"]
    states.delete_state_machine_alias(stateMachineAliasArn=made["stateMachineAliasArn"])


def test_the_event_of_a_failed_execution_has_its_error(deployed: Cloud) -> None:
    execution = start_execution(deployed, {"fail": "SourceGone"})

    detail = status_change(deployed, execution, "FAILED")

    assert detail["error"] == "SourceGone"
    assert json.loads(detail["cause"])["errorMessage"] == "as the event says"
    assert json.loads(detail["input"]) == {"fail": "SourceGone"}


def test_a_stopped_execution_publishes_that_it_was_aborted(deployed: Cloud) -> None:
    execution = start_execution(deployed, {"sleep_s": 5})
    status_change(deployed, execution, "RUNNING")

    deployed.client("stepfunctions").stop_execution(executionArn=execution)

    assert status_change(deployed, execution, "ABORTED")["name"] == execution.rpartition(":")[2]


def test_a_failure_is_retried_and_then_sent_to_the_failure_destination(deployed: Cloud, queue: str) -> None:
    let_rule_invoke(deployed, "retry")
    add_rule(deployed, "retry", function_arn(deployed))
    name = deployed.outputs["EchoFunctionName"]
    destination = {"OnFailure": {"Destination": queue_arn(deployed, queue)}}
    deployed.client("lambda").put_function_event_invoke_config(
        FunctionName=name, MaximumRetryAttempts=1, DestinationConfig=destination
    )
    before = invocations(deployed)

    put_event(deployed, "retry", {"fail": "StillBroken"})

    failure = receive(deployed, queue)
    assert failure["responsePayload"]["errorType"] == "StillBroken"
    assert invocations(deployed) - before == 2


def test_an_event_for_a_missing_target_becomes_a_dead_letter(deployed: Cloud, queue: str) -> None:
    gone = "arn:aws:states:us-east-1:000000000000:stateMachine:gone"
    add_rule(deployed, "lost", gone, dead_letters=queue_arn(deployed, queue))

    put_event(deployed, "lost", {"key": "a"})

    letter, attributes = dead_letter(deployed, queue)
    assert letter["detail"] == {"key": "a"}
    assert attributes["TARGET_ARN"] == gone
    assert attributes["ERROR_CODE"] == "NO_RESOURCE"


def test_a_delivered_event_is_not_a_dead_letter(deployed: Cloud, queue: str) -> None:
    delivered = closed_queue(deployed)
    let_rules_send(deployed, delivered)
    add_rule(deployed, "found", queue_arn(deployed, delivered), dead_letters=queue_arn(deployed, queue))

    put_event(deployed, "found", {"key": "a"})

    assert receive(deployed, delivered)["detail"] == {"key": "a"}
    assert "Messages" not in deployed.client("sqs").receive_message(QueueUrl=queue)


def test_a_rule_starts_an_alias_if_its_role_may_start_the_state_machine(deployed: Cloud, alias: str) -> None:
    machine = deployed.outputs["MachineArn"]
    of_the_alias = {"ForAnyValue:StringEquals": {"states:StateMachineQualifier": [alias.rpartition(":")[2]]}}
    may_start = role(deployed, RULES, allow("states:StartExecution", machine, Condition=of_the_alias))
    add_rule(deployed, "started", alias, RoleArn=may_start)

    put_event(deployed, "started", {"started": alias})

    assert wait_for(lambda: {"started": alias} in details(deployed, machine))


def test_a_rule_whose_role_may_not_start_the_execution_sends_a_dead_letter(
    deployed: Cloud, queue: str, alias: str
) -> None:
    machine = deployed.outputs["MachineArn"]
    other = {"StringEquals": {"states:StateMachineQualifier": "other"}}
    start = allow("states:StartExecution", machine)
    narrow = deployed.client("iam").create_policy(PolicyName="narrow", PolicyDocument=json.dumps({"Statement": [
        allow("states:StartExecution", f"{machine}-not")]}))["Policy"]["Arn"]  # fmt: skip
    for name, role_arn in {
        "by the alias's ARN": role(deployed, RULES, allow("states:StartExecution", alias)),
        "for another alias": role(deployed, RULES, allow("states:StartExecution", machine, Condition=other)),
        "for nothing": role(deployed, RULES),
        "that trusts another service": role(deployed, "pipes.amazonaws.com", start),
        "with a boundary": role(deployed, RULES, start, PermissionsBoundary=narrow),
        "that does not exist": "arn:aws:iam::000000000000:role/none",
    }.items():
        add_rule(deployed, "refused", alias, dead_letters=queue_arn(deployed, queue), RoleArn=role_arn)
        put_event(deployed, "refused", {"role": name})

        letter, attributes = dead_letter(deployed, queue)
        assert letter["detail"] == {"role": name}
        assert (attributes["ERROR_CODE"], attributes["TARGET_ARN"]) == ("NO_PERMISSIONS", alias), name
        assert {"role": name} not in details(deployed, machine)


def test_a_queue_and_a_function_whose_policy_refuses_the_rule_receive_nothing(deployed: Cloud, queue: str) -> None:
    closed, before = closed_queue(deployed), invocations(deployed)
    for target in (queue_arn(deployed, closed), function_arn(deployed)):
        add_rule(deployed, "closed", target, dead_letters=queue_arn(deployed, queue))
        put_event(deployed, "closed", {"target": target})

        letter, attributes = dead_letter(deployed, queue)
        assert letter["detail"] == {"target": target}
        assert attributes["ERROR_CODE"] == "NO_PERMISSIONS"
    assert "Messages" not in deployed.client("sqs").receive_message(QueueUrl=closed)
    assert invocations(deployed) == before


def test_a_dead_letter_queue_whose_policy_refuses_the_rule_receives_nothing(deployed: Cloud, queue: str) -> None:
    closed = closed_queue(deployed)
    add_rule(deployed, "lost for good", queue_arn(deployed, closed), dead_letters=queue_arn(deployed, closed))
    add_rule(deployed, "heard", queue_arn(deployed, queue))

    put_event(deployed, "lost for good", {"key": "a"})
    put_event(deployed, "heard", {"key": "b"})

    assert receive(deployed, queue)["detail"] == {"key": "b"}
    assert "Messages" not in deployed.client("sqs").receive_message(QueueUrl=closed)


def test_a_failed_invocation_is_lost_if_the_role_may_not_send_to_the_destination(deployed: Cloud, queue: str) -> None:
    functions, name = deployed.client("lambda"), deployed.outputs["EchoFunctionName"]
    own = functions.get_function_configuration(FunctionName=name)["Role"]
    destination = {"OnFailure": {"Destination": queue_arn(deployed, queue)}}
    functions.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0, DestinationConfig=destination)
    before = failures(deployed)

    functions.update_function_configuration(FunctionName=name, Role=role(deployed, "lambda.amazonaws.com"))
    functions.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"fail": "Lost"}))
    wait_for(lambda: failures(deployed) > before)
    functions.update_function_configuration(FunctionName=name, Role=own)
    functions.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"fail": "Kept"}))

    assert receive(deployed, queue)["responsePayload"]["errorType"] == "Kept"


def start_execution(cloud: Cloud, payload: object) -> str:
    machine = cloud.outputs["MachineArn"]
    states = cloud.client("stepfunctions")
    return states.start_execution(stateMachineArn=machine, input=json.dumps(payload))["executionArn"]


def status_change(cloud: Cloud, execution: str, status: str) -> dict[str, Any]:
    def is_expected(event: dict[str, Any]) -> bool:
        return event["detail"].get("executionArn") == execution and event["detail"]["status"] == status

    return receive(cloud, cloud.outputs["EventsUrl"], is_expected)["detail"]


def closed_queue(cloud: Cloud) -> str:
    return cloud.client("sqs").create_queue(QueueName=f"queue-{uuid.uuid4()}")["QueueUrl"]


def dead_letter(cloud: Cloud, queue: str) -> tuple[Any, dict[str, str]]:
    """The next dead letter, and its attributes."""
    received: list[Any] = []
    letter = receive(cloud, queue, seen=received)
    return letter, {name: value["StringValue"] for name, value in received[-1]["MessageAttributes"].items()}


def details(cloud: Cloud, machine: str) -> list[Any]:
    """The details of the events that started executions."""
    states = cloud.client("stepfunctions")
    listed = states.list_executions(stateMachineArn=machine)["executions"]
    texts = [states.describe_execution(executionArn=it["executionArn"])["input"] for it in listed]
    return [it.get("detail") for it in map(json.loads, texts) if isinstance(it, dict)]


def let_rule_invoke(cloud: Cloud, rule: str) -> None:
    """Allows a rule to invoke the function."""
    cloud.client("lambda").add_permission(
        FunctionName=cloud.outputs["EchoFunctionName"], StatementId=rule, Action="lambda:InvokeFunction",
        Principal=RULES, SourceArn=f"arn:aws:events:us-east-1:000000000000:rule/{rule}",
    )  # fmt: skip


def add_rule(cloud: Cloud, name: str, target: str, dead_letters: str | None = None, **more: str) -> None:
    """Creates a rule for events of a type. Its name is the type without spaces."""
    events = cloud.client("events")
    rule = name.replace(" ", "-")
    events.put_rule(Name=rule, EventPattern=json.dumps({"source": ["test"], "detail-type": [name]}))
    config = {"DeadLetterConfig": {"Arn": dead_letters}} if dead_letters else {}
    events.put_targets(Rule=rule, Targets=[{"Id": "target", "Arn": target, **config, **more}])


def put_event(cloud: Cloud, detail_type: str, detail: object) -> None:
    entry = {"Source": "test", "DetailType": detail_type, "Detail": json.dumps(detail)}
    cloud.client("events").put_events(Entries=[entry])


def function_arn(cloud: Cloud) -> str:
    found = cloud.client("lambda").get_function_configuration(FunctionName=cloud.outputs["EchoFunctionName"])
    return found["FunctionArn"]


def failures(cloud: Cloud) -> int:
    """How often the local cloud logged that a failed invocation is lost."""
    return cloud.instance.log_file.read_text(encoding="utf-8").count("the failed invocation of")


def invocations(cloud: Cloud) -> int:
    group = f"/aws/lambda/{cloud.outputs['EchoFunctionName']}"
    logs = cloud.client("logs")
    return sum(
        event["message"].startswith("START ")
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        for event in page["events"]
    )
