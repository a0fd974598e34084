"""The description of an execution names the alias that started it, and the version that it runs.

MiniStack does not store them.
<https://docs.aws.amazon.com/step-functions/latest/dg/execution-alias-version-associate.html>
"""

from __future__ import annotations

import json
from typing import Any, Callable

from ministack.services import stepfunctions

from . import patching

Response = tuple[int, dict[str, str], bytes]
NAMES = ("stateMachineAliasArn", "stateMachineVersionArn")


def install() -> None:
    """Stores both at the start, and adds them to descriptions and lists of executions."""
    patching.check(stepfunctions, "_execution_version_arn", "arn")
    patching.replace(stepfunctions, "_start_execution", "data", _storing)
    patching.replace(stepfunctions, "_describe_execution", "data", _adding)
    patching.replace(stepfunctions, "_list_executions", "data", _adding)


def _storing(start: Callable[..., Response]) -> Callable[..., Response]:
    def start_execution(data: dict[str, Any]) -> Response:
        asked = data.get("stateMachineArn", "")
        version = stepfunctions._execution_version_arn(asked)
        status, headers, body = start(data)
        if status == 200 and version:
            execution = stepfunctions._executions[json.loads(body)["executionArn"]]
            execution["stateMachineVersionArn"] = version
            if asked in stepfunctions._state_machine_aliases:
                execution["stateMachineAliasArn"] = asked
        return status, headers, body

    return start_execution


def _adding(say: Callable[..., Response]) -> Callable[..., Response]:
    def with_names(data: dict[str, Any]) -> Response:
        status, headers, body = say(data)
        if status != 200:
            return status, headers, body
        said = json.loads(body)
        for execution in said.get("executions", [said]):
            known = stepfunctions._executions.get(execution["executionArn"], {})
            execution.update({name: known[name] for name in NAMES if name in known})
        return status, headers, json.dumps(said).encode()

    return with_names
