"""*To pause* in docs/operations.md, by the commands of the page, in a stack of its own."""

from __future__ import annotations

from typing import Any

import commands
from uploads import eventually, status, upload


def test_uploads_wait_during_a_pause_and_are_completed_afterwards(deploy, client):
    outputs = deploy("darkroom-paused", Intake="queue")
    stopping, starting, *_ = commands.of_section("To pause")
    names = {"INTAKE_PIPE_NAME": outputs["IntakePipeName"]}

    commands.run(stopping, names, client)
    key = upload(client, outputs)
    eventually(lambda: waiting(client, outputs) == 1, "it waits in the queue")
    assert status(client, outputs, key) is None

    commands.run(starting, names, client)
    eventually(lambda: status(client, outputs, key) == "completed", "it is completed")
    assert waiting(client, outputs) == 0


def waiting(client: Any, outputs: dict[str, str]) -> int:
    asked = {"QueueUrl": outputs["IntakeQueueUrl"], "AttributeNames": ["All"]}
    attributes = client("sqs").get_queue_attributes(**asked)["Attributes"]
    return sum(int(attributes[f"ApproximateNumberOfMessages{which}"]) for which in ("", "NotVisible"))
