"""The extension of Step Functions: redrives, the error of a throttle, and the rights of the role."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from clouds import Cloud, wait_for
from rights import allow, role


def test_a_failed_execution_continues_where_it_stopped(deployed: Cloud, tmp_path: Path) -> None:
    fixed = tmp_path / "fixed"
    step_functions = deployed.client("stepfunctions")
    machine = deployed.outputs["MachineArn"]
    order = json.dumps({"fail": "Broken", "unless": str(fixed)})
    arn = step_functions.start_execution(stateMachineArn=machine, input=order)["executionArn"]
    assert ended(step_functions, arn)["error"] == "Broken"

    step_functions.redrive_execution(executionArn=arn)
    assert ended(step_functions, arn)["status"] == "FAILED", "nothing is fixed yet"
    fixed.touch()
    step_functions.redrive_execution(executionArn=arn)

    execution = ended(step_functions, arn)
    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"])["event"] == json.loads(order)
    types = [event["type"] for event in step_functions.get_execution_history(executionArn=arn)["events"]]
    assert types.count("ExecutionRedriven") == 2
    assert types[-1] == "ExecutionSucceeded"


def test_only_a_failed_execution_can_be_redriven(deployed: Cloud) -> None:
    step_functions = deployed.client("stepfunctions")
    machine = deployed.outputs["MachineArn"]
    arn = step_functions.start_execution(stateMachineArn=machine, input="{}")["executionArn"]
    ended(step_functions, arn)

    for execution, code in ((arn, "ExecutionNotRedrivable"), (f"{arn}-not", "ExecutionDoesNotExist")):
        with pytest.raises(ClientError) as refused:
            step_functions.redrive_execution(executionArn=execution)
        assert refused.value.response["Error"]["Code"] == code


def test_a_function_without_free_concurrency_fails_the_task_as_throttled(deployed: Cloud) -> None:
    function = {"FunctionName": deployed.outputs["EchoFunctionName"]}
    functions, step_functions = deployed.client("lambda"), deployed.client("stepfunctions")
    functions.put_function_concurrency(**function, ReservedConcurrentExecutions=0)
    try:
        arn = step_functions.start_execution(stateMachineArn=deployed.outputs["MachineArn"], input="{}")["executionArn"]
        assert ended(step_functions, arn)["error"] == "Lambda.TooManyRequestsException"
    finally:
        functions.delete_function_concurrency(**function)


@pytest.mark.parametrize("called", ["bare", "by version"])
def test_a_task_calls_only_functions_that_the_state_machines_role_may_call(deployed: Cloud, called: str) -> None:
    functions, states = deployed.client("lambda"), deployed.client("stepfunctions")
    name = deployed.outputs["EchoFunctionName"]
    bare = functions.get_function_configuration(FunctionName=name)["FunctionArn"]
    function = bare if called == "bare" else functions.publish_version(FunctionName=name)["FunctionArn"]
    other = bare + ":*" if called == "bare" else bare
    service, action = "states.amazonaws.com", "lambda:InvokeFunction"
    roles = {
        "may": role(deployed, service, allow(action, function)),
        "may call another": role(deployed, service, allow(action, other)),
        "may nothing": role(deployed, service),
        "trusts another": role(deployed, "lambda.amazonaws.com", allow(action, function)),
    }
    arguments = {"FunctionName": function, "Payload": {}}
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": arguments, "End": True}
    definition = json.dumps({"StartAt": "Call", "States": {"Call": task}})

    results = {}
    for case, role_arn in roles.items():
        machine = states.create_state_machine(name=f"rights-{uuid.uuid4().hex}", definition=definition, roleArn=role_arn)
        arn = states.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
        results[case] = ended(states, arn)

    assert results.pop("may")["status"] == "SUCCEEDED"
    assert {it["error"] for it in results.values()} == {"Lambda.AWSLambdaException"}
    assert f"not authorized to perform: {action} on resource: {function}" in results["may nothing"]["cause"]
    assert "AccessDeniedException" in results["may nothing"]["cause"]


def ended(step_functions: Any, arn: str) -> dict[str, Any]:
    def execution() -> dict[str, Any] | None:
        described = step_functions.describe_execution(executionArn=arn)
        return described if described["status"] != "RUNNING" else None

    return wait_for(execution)
