"""The extension of EventBridge pipes: queues as sources, batches, input templates, and the rights of the role."""

from __future__ import annotations

import json
from typing import Any

import pytest
from clouds import Cloud, wait_for
from rights import policy

from darkroom_local.extension.pipes_from_sqs import filled


def test_a_batch_of_messages_is_the_input_of_an_execution(deployed: Cloud) -> None:
    sqs, queue = deployed.client("sqs"), deployed.outputs["IntakeUrl"]
    deployed.client("pipes").stop_pipe(Name=deployed.outputs["IntakePipeName"])
    bodies = [json.dumps({"key": key, "told": "you so", "more": 1}) for key in "abc"]
    sqs.send_message_batch(QueueUrl=queue, Entries=[{"Id": str(i), "MessageBody": b} for i, b in enumerate(bodies)])

    deployed.client("pipes").start_pipe(Name=deployed.outputs["IntakePipeName"])

    begun = wait_for(lambda: inputs(deployed) if len(inputs(deployed)) == 2 else None)
    assert sorted(begun, key=len, reverse=True) == [
        [{"key": key, "told": "you so", "from": "aws:sqs"} for key in batch] for batch in ("ab", "c")
    ]
    assert wait_for(lambda: waiting(deployed) == 0)


def test_a_stopped_pipe_leaves_its_messages_in_the_queue(deployed: Cloud) -> None:
    pipes, name = deployed.client("pipes"), deployed.outputs["IntakePipeName"]
    before = len(inputs(deployed))
    pipes.stop_pipe(Name=name)

    deployed.client("sqs").send_message(QueueUrl=deployed.outputs["IntakeUrl"], MessageBody='{"key": "d", "told": ""}')

    assert waiting(deployed) == 1
    assert len(inputs(deployed)) == before
    pipes.start_pipe(Name=name)
    assert wait_for(lambda: waiting(deployed) == 0)


@pytest.mark.parametrize("action", ["sqs:ReceiveMessage", "sqs:DeleteMessage", "states:StartExecution"])
def test_a_pipe_does_nothing_that_its_role_may_not(deployed: Cloud, action: str) -> None:
    iam, role = deployed.client("iam"), deployed.outputs["IntakePipeRoleName"]
    deny = policy({"Effect": "Deny", "Action": action, "Resource": "*"})
    iam.put_role_policy(RoleName=role, PolicyName="Denied", PolicyDocument=deny)
    before, refused = len(inputs(deployed)), refusals(deployed, action)

    deployed.client("sqs").send_message(QueueUrl=deployed.outputs["IntakeUrl"], MessageBody='{"key": "e", "told": ""}')

    try:
        assert wait_for(lambda: refusals(deployed, action) > refused)
        assert (waiting(deployed), len(inputs(deployed))) == (1, before)
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="Denied")
    assert wait_for(lambda: waiting(deployed) == 0)
    assert len(inputs(deployed)) == before + 1


CASES = [
    ("a field of a JSON body", "<$.body.a>", '{"a": {"b": [1]}}', {"b": [1]}),
    ("text in quotes", '"<$.body.a>"', '{"a": "it\\"s"}', 'it"s'),
    ("an object in quotes", '"<$.body.a>"', '{"a": {"b": 1}}', '{"b": 1}'),
    ("the body as a whole", "<$.body>", '{"a": 1}', '{"a": 1}'),
    ("a field that is missing", "<$.body.none>", "{}", None),
    ("a body that is not JSON", "<$.body>", "text", "text"),
]


@pytest.mark.parametrize(("template", "body", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_an_input_template_is_filled(template: str, body: str, expected: Any) -> None:
    assert json.loads(filled(template, {"body": body})) == expected


def inputs(cloud: Cloud) -> list[Any]:
    """The inputs of the executions that the pipe started."""
    client = cloud.client("stepfunctions")
    listed = client.list_executions(stateMachineArn=cloud.outputs["MachineArn"])["executions"]
    texts = [client.describe_execution(executionArn=execution["executionArn"])["input"] for execution in listed]
    return [value for value in map(json.loads, texts) if isinstance(value, list)]


def refusals(cloud: Cloud, action: str) -> int:
    """How often the local cloud logged that the pipe may not do that."""
    lines = cloud.instance.log_file.read_text(encoding="utf-8").splitlines()
    return sum("pipe " in line and f"not authorized to perform: {action}" in line for line in lines)


def waiting(cloud: Cloud) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = cloud.client("sqs").get_queue_attributes(QueueUrl=cloud.outputs["IntakeUrl"], AttributeNames=names)
    return sum(int(value) for value in answer["Attributes"].values())
