"""An execution of a version, or of an alias of a version, runs the definition of that version.

MiniStack stores the definition, but runs the newest.
<https://docs.aws.amazon.com/step-functions/latest/dg/concepts-cd-aliasing-versioning.html>
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Callable

from ministack.services import stepfunctions

from . import patching

Response = tuple[int, dict[str, str], bytes]

# The thread of an execution has a copy of the context that started it.
version_to_run: ContextVar[str | None] = ContextVar("version_to_run", default=None)


def install() -> None:
    """Stores the version at the start, and makes the execution find its definition instead of the newest."""
    patching.check(stepfunctions, "_execution_version_arn", "arn")
    patching.check(stepfunctions, "_run_execution", "exec_arn")
    patching.replace(stepfunctions, "_start_execution", "data", _storing_the_version)
    machines = stepfunctions._state_machines
    kind = type(machines)
    machines.__class__ = type("MachinesByVersion", (kind,), {"__slots__": (), "get": _machine(kind.get)})


def _storing_the_version(start: Callable[..., Response]) -> Callable[..., Response]:
    def start_execution(data: dict[str, Any]) -> Response:
        token = version_to_run.set(stepfunctions._execution_version_arn(data.get("stateMachineArn", "")))
        try:
            return start(data)
        finally:
            version_to_run.reset(token)

    return start_execution


def _machine(get: Callable[..., Any]) -> Callable[..., Any]:
    def machine(self: Any, arn: str, default: Any = None) -> Any:
        found = get(self, arn, default)
        version = stepfunctions._state_machine_versions.get(version_to_run.get())
        if found and version and version["stateMachineArn"] == arn:
            return {**found, "definition": version["definition"]}
        return found

    return machine
