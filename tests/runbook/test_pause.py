"""*To pause* of docs/operations.md, with its own commands, in a stack of its own on the local cloud."""

from __future__ import annotations

from typing import Any

import commands
from uploads import eventually, status, upload


def test_uploads_are_kept_while_it_is_paused_and_worked_off_afterwards(deploy, client):
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
