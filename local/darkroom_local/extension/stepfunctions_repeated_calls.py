"""Repeated calls are idempotent: starting a running execution again, and publishing an unchanged state machine again.

MiniStack refuses the name of a running execution even with the same input, and publishes an unchanged state machine as
a new version.
<https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html>
<https://docs.aws.amazon.com/step-functions/latest/apireference/API_PublishStateMachineVersion.html>
"""

from __future__ import annotations

from typing import Any, Callable

from ministack.core.responses import json_response
from ministack.services import stepfunctions

from . import patching

Response = tuple[int, dict[str, str], bytes]


def install() -> None:
    """Wraps both calls."""
    patching.replace(stepfunctions, "_start_execution", "data", _or_the_running_execution)
    patching.replace(stepfunctions, "_publish_state_machine_version", "data", _or_the_existing_version)


def _or_the_running_execution(start: Callable[..., Response]) -> Callable[..., Response]:
    def start_execution(data: dict[str, Any]) -> Response:
        running = _running(data)
        if running and running["input"] == data.get("input", "{}"):
            return json_response({name: running[name] for name in ("executionArn", "startDate")})
        return start(data)

    return start_execution


def _running(data: dict[str, Any]) -> dict[str, Any] | None:
    """The running execution of that name. Executions of EXPRESS state machines have no unique names."""
    arn = stepfunctions._resolve_state_machine_arn(data.get("stateMachineArn", ""))
    machine = stepfunctions._state_machines.get(arn)
    if not machine or machine.get("type") == "EXPRESS" or "name" not in data:
        return None
    named = arn.replace(":stateMachine:", ":execution:", 1) + ":" + data["name"]
    execution = stepfunctions._executions.get(named)
    return execution if execution and execution["status"] == "RUNNING" else None


def _or_the_existing_version(publish: Callable[..., Response]) -> Callable[..., Response]:
    def publish_state_machine_version(data: dict[str, Any]) -> Response:
        machine = stepfunctions._state_machines.get(data.get("stateMachineArn")) or {}
        last = f"{data.get('stateMachineArn')}:{machine.get('lastVersionNumber')}"
        version = stepfunctions._state_machine_versions.get(last)
        revision = data.get("revisionId") or machine.get("revisionId")
        if version and version["stateMachineRevisionId"] == revision == machine["revisionId"] and all(
            version[name] == machine.get(name) for name in ("definition", "roleArn")
        ):
            return json_response({name: version[name] for name in ("stateMachineVersionArn", "creationDate")})
        return publish(data)

    return publish_state_machine_version
