"""A bad deployment, and *To roll back* in docs/operations.md, in a stack of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import commands
from uploads import eventually, status, upload

STACK = "darkroom-runbook"


@contextmanager
def broken(binary: Path) -> Iterator[None]:
    """Replaces a function in the build by one that fails at its start."""
    good = binary.read_bytes()
    binary.write_text("#!/bin/sh\nexit 1\n")
    try:
        yield
    finally:
        binary.write_bytes(good)


def ended(client: Any, outputs: dict[str, str], key: str) -> str:
    """Uploads a picture, and returns the status that its execution ends with."""
    before = executions(client, outputs).keys()
    upload(client, outputs, key=key)

    def new() -> list[str]:
        return [status for arn, status in executions(client, outputs).items() if arn not in before and status != "RUNNING"]

    eventually(lambda: bool(new()), "an execution has ended")
    return new()[0]


def executions(client: Any, outputs: dict[str, str]) -> dict[str, str]:
    """ARN to status."""
    listed = client("stepfunctions").list_executions(stateMachineArn=outputs["StateMachineArn"])["executions"]
    return {it["executionArn"]: it["status"] for it in listed}


def test_the_steps_of_the_page_roll_back_a_bad_release(deploy, client, instance):
    outputs = deploy(STACK, Release="good")
    assert ended(client, outputs, "uploads/before.jpg") == "SUCCEEDED"

    with broken(instance.build_folder / "ResizeFunction" / "bootstrap"):
        assert deploy(STACK, Release="bad") == outputs
    assert ended(client, outputs, "uploads/meanwhile.jpg") == "FAILED"

    listing, moving = commands.of_section("To roll back")
    names = {
        "STATE_MACHINE_ARN": outputs["StateMachineArn"],
        "STATE_MACHINE_ALIAS_ARN": outputs["StateMachineAliasArn"],
    }
    newest, before, *_ = commands.run(listing, names, client)["stateMachineVersions"]
    names["THE_VERSION_BEFORE"] = before["stateMachineVersionArn"].rsplit(":", 1)[1]
    assert newest["stateMachineVersionArn"] != before["stateMachineVersionArn"]
    commands.run(moving, names, client)

    assert ended(client, outputs, "uploads/after.jpg") == "SUCCEEDED"
    assert status(client, outputs, "uploads/after.jpg") == "completed"
    # The upload that failed is repeated.
    assert ended(client, outputs, "uploads/meanwhile.jpg") == "SUCCEEDED"
    assert status(client, outputs, "uploads/meanwhile.jpg") == "completed"

    # The earlier commit is deployed, so that the stack agrees with the alias.
    deploy(STACK, Release="good-again")
    assert ended(client, outputs, "uploads/at-last.jpg") == "SUCCEEDED"
