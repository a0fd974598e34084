"""The intake queue: uploads wait in it while the pipe is stopped, and each is then processed once."""

from __future__ import annotations

import json
import time

import pytest
from calls import Api, with_token
from pictures import JPEG
from stacks import Stack


@pytest.fixture
def queued(cognito: Stack, token: str) -> Api:
    return Api(cognito, with_token(token))


def test_uploads_wait_while_the_intake_is_paused(queued: Api) -> None:
    pipes, pipe = queued.stack.client("pipes"), queued.stack.outputs["IntakePipeName"]
    pipes.stop_pipe(Name=pipe)
    try:
        begun = len(queued.stack.executions())
        keys = {queued.upload(JPEG).json["key"] for _ in range(5)}
        wait_until_waiting(queued.stack, len(keys))
        assert queued.show(min(keys)).status == 404
        assert len(queued.stack.executions()) == begun
    finally:
        pipes.start_pipe(Name=pipe)

    records = [queued.finished(key) for key in keys]

    assert {record["status"] for record in records} == {"completed"}
    assert len(queued.stack.executions()) == begun + len(keys)
    wait_until_waiting(queued.stack, 0)


def test_the_input_of_the_execution_is_a_list_with_the_event(queued: Api) -> None:
    key = queued.upload(JPEG).json["key"]
    execution = queued.finished(key)["execution"]

    described = queued.stack.client("stepfunctions").describe_execution(executionArn=execution)

    (event,) = json.loads(described["input"])
    assert set(event) == {"time", "detail"} and event["detail"]["object"]["key"] == key


def queue_attributes(stack: Stack) -> dict[str, str]:
    sqs = stack.client("sqs")
    return sqs.get_queue_attributes(QueueUrl=stack.outputs["IntakeQueueUrl"], AttributeNames=["All"])["Attributes"]


def wait_until_waiting(stack: Stack, messages: int) -> None:
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        attributes = queue_attributes(stack)
        counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        if sum(int(attributes[count]) for count in counts) == messages:
            return
        time.sleep(0.05)
    raise AssertionError(f"{attributes} after 600 s, expected {messages} messages")
