"""*To pause* of docs/operations.md, with its own commands, in a stack of its own on the local cloud."""

from __future__ import annotations

import uuid
from typing import Any

import commands
from darkroom_local.layout import REPOSITORY
from pictures import eventually, status


def test_uploads_are_kept_while_it_is_paused_and_worked_off_afterwards(deploy, client):
    outputs = deploy("darkroom-paused", Intake="queue")
    stopping, starting, *_ = commands.of_section("To pause")
    names = {"INTAKE_PIPE_NAME": outputs["IntakePipeName"]}
    key = f"uploads/{uuid.uuid4()}.jpg"

    commands.run(stopping, names, client)
    picture = (REPOSITORY / "events" / "picture.jpg").read_bytes()
    client("s3").put_object(Bucket=outputs["SourceBucketName"], Key=key, Body=picture)
    eventually(lambda: waiting(client, outputs) == 1, "it waits in the queue")
    assert status(client, outputs, key) is None

    commands.run(starting, names, client)
    eventually(lambda: status(client, outputs, key) == "completed", "it is completed")
    assert waiting(client, outputs) == 0


def waiting(client: Any, outputs: dict[str, str]) -> int:
    asked = {"QueueUrl": outputs["IntakeQueueUrl"], "AttributeNames": ["All"]}
    attributes = client("sqs").get_queue_attributes(**asked)["Attributes"]
    return sum(int(attributes[f"ApproximateNumberOfMessages{which}"]) for which in ("", "NotVisible"))
