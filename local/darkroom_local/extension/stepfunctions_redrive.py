"""A failed execution can be redriven: it continues at the state where it stopped.

MiniStack has no such call. Here a failed Map runs all of its iterations again; on AWS, only those that had not
succeeded. AWS's limits of 14 days and of a thousand redrives do not apply.
<https://docs.aws.amazon.com/step-functions/latest/apireference/API_RedriveExecution.html>
"""

from __future__ import annotations

import contextvars
import json
import threading
from collections.abc import Awaitable
from typing import Any, Callable

from ministack.core.responses import error_response_json, json_response
from ministack.services import stepfunctions

from . import patching
from .stepfunctions_versions import version_to_run

Response = tuple[int, dict[str, str], bytes]

RED = ("FAILED", "TIMED_OUT", "ABORTED")
# The handler of each type of state, and whether the execution is one of its parameters.
HANDLERS = {
    "Pass": ("_execute_pass", False),
    "Task": ("_execute_task", True),
    "Choice": ("_execute_choice", False),
    "Wait": ("_execute_wait", False),
    "Parallel": ("_execute_parallel", True),
    "Map": ("_execute_map", True),
}


def install() -> None:
    """Adds the call."""
    for handler, with_execution in HANDLERS.values():
        execution = "execution, " if with_execution else ""
        patching.check(stepfunctions, handler, f"state_def, raw_input, {execution}ctx")
    patching.check(stepfunctions, "_add_event", "execution, event_type, details")
    patching.check(stepfunctions, "_emit_execution_status_event", "execution")
    patching.check(stepfunctions, "_fail_execution", "execution, error, cause")
    patching.replace(stepfunctions, "_run_execution", "exec_arn", _storing_its_version)
    patching.replace(stepfunctions, "_describe_execution", "data", _with_redrive_count)
    patching.replace(stepfunctions, "handle_request", "method, path, headers, body, query_params", _with_redrive)


def _storing_its_version(run: Callable[[str], None]) -> Callable[[str], None]:
    def run_execution(exec_arn: str) -> None:
        stepfunctions._executions[exec_arn]["versionToRun"] = version_to_run.get()
        run(exec_arn)

    return run_execution


def _with_redrive(handle: Callable[..., Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    async def handle_request(method: str, path: str, headers: dict[str, str], body: bytes, query_params: Any) -> Response:
        if headers.get("x-amz-target", "").endswith(".RedriveExecution"):
            return stepfunctions._finalize_response(_redrive(json.loads(body)["executionArn"]))
        return await handle(method, path, headers, body, query_params)

    return handle_request


def _with_redrive_count(describe: Callable[[dict[str, Any]], Response]) -> Callable[[dict[str, Any]], Response]:
    def describe_execution(data: dict[str, Any]) -> Response:
        status, headers, body = describe(data)
        if status != 200:
            return status, headers, body
        execution = stepfunctions._executions[data["executionArn"]]
        redriven = {name: execution[name] for name in ("redriveCount", "redriveDate") if execution.get(name)}
        return json_response({"redriveCount": 0, **json.loads(body), **redriven})

    return describe_execution


def _redrive(arn: str) -> Response:
    execution = stepfunctions._executions.get(arn)
    if execution is None:
        return error_response_json("ExecutionDoesNotExist", f"Execution {arn} not found", 400)
    if execution["status"] not in RED:
        return error_response_json("ExecutionNotRedrivable", f"Execution is {execution['status']}", 400)
    execution.update(status="RUNNING", stopDate=None, output=None, error=None, cause=None)
    execution["redriveCount"] = execution.get("redriveCount", 0) + 1
    execution["redriveDate"] = stepfunctions.now_iso()
    details = {"executionRedrivenEventDetails": {"redriveCount": execution["redriveCount"]}}
    stepfunctions._add_event(execution, "ExecutionRedriven", details)
    stepfunctions._emit_execution_status_event(execution)
    # The thread needs the account, and the version that the execution started with.
    context = contextvars.copy_context()
    context.run(version_to_run.set, execution.get("versionToRun"))
    threading.Thread(target=context.run, args=(_resume, execution), daemon=True).start()
    return json_response({"redriveDate": execution["redriveDate"]})


def _resume(execution: dict[str, Any]) -> None:
    machine = stepfunctions._state_machines.get(execution["stateMachineArn"])
    definition = json.loads(machine["definition"])
    name, value = _stopped_at(execution, definition)
    context = _context(execution, machine, definition)
    try:
        output = json.dumps(_run(execution, definition["States"], name, value, context))
    except stepfunctions._ExecutionError as error:
        stepfunctions._fail_execution(execution, error.error, error.cause)
        return
    except Exception as error:  # As in MiniStack: an error of the emulator fails the execution.
        stepfunctions._fail_execution(execution, "States.Runtime", str(error))
        return
    if execution["status"] == "RUNNING":
        execution.update(status="SUCCEEDED", output=output, stopDate=stepfunctions.now_iso())
        details = {"executionSucceededEventDetails": {"output": output}}
        stepfunctions._add_event(execution, "ExecutionSucceeded", details)
        stepfunctions._emit_execution_status_event(execution)


def _stopped_at(execution: dict[str, Any], definition: dict[str, Any]) -> tuple[str, Any]:
    """The last state that was entered, and its input; the first state if none was entered."""
    for event in reversed(execution["events"]):
        if event["type"].endswith("StateEntered"):
            entered = event["stateEnteredEventDetails"]
            return entered["name"], json.loads(entered["input"])
    return definition["StartAt"], json.loads(execution["input"])


def _context(execution: dict[str, Any], machine: dict[str, Any], definition: dict[str, Any]) -> dict[str, Any]:
    return {
        "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
        "Execution": {
            "Id": execution["executionArn"],
            "Input": json.loads(execution["input"]),
            "Name": execution["name"],
            "StartTime": execution["startDate"],
            "RedriveCount": execution["redriveCount"],
        },
        "StateMachine": {"Id": execution["stateMachineArn"], "Name": machine["name"]},
        "variables": {},
    }


def _run(execution: dict[str, Any], states: dict[str, Any], name: str | None, value: Any, context: dict[str, Any]) -> Any:
    while name and execution["status"] == "RUNNING":
        state = states[name]
        kind = state["Type"]
        context["State"] = {"Name": name, "EnteredTime": stepfunctions.now_iso(), "RetryCount": 0}
        entered = {"name": name, "input": json.dumps(value)}
        stepfunctions._add_event(execution, f"{kind}StateEntered", {"stateEnteredEventDetails": entered})
        left = name
        if kind == "Fail":
            raise stepfunctions._ExecutionError(*stepfunctions._fail_state_error(state, value, context))
        if kind == "Succeed":
            name = None
        else:
            handler, with_execution = HANDLERS[kind]
            arguments = (execution, context) if with_execution else (context,)
            value, name = getattr(stepfunctions, handler)(state, value, *arguments)
        exited = {"name": left, "output": json.dumps(value)}
        stepfunctions._add_event(execution, f"{kind}StateExited", {"stateExitedEventDetails": exited})
    return value
