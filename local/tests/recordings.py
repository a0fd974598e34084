"""The recorded answers of AWS in tests/recordings, and the same calls to the local cloud."""

from __future__ import annotations

import http.client
import json
import urllib.parse
from dataclasses import dataclass
from typing import Any

from clouds import Cloud, receive, wait_for

from darkroom_local.layout import REPOSITORY


def recorded(name: str) -> Any:
    """The values of a recording."""
    path = REPOSITORY / "tests" / "recordings" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))["answered"]


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: Any


def send(
    cloud: Cloud, method: str, path: str, body: bytes | None = None, api: str = "ApiId", **headers: str
) -> Answer:
    """Sends a request to an API of the stack, with the path and the header names exactly as given."""
    outputs = cloud.outputs
    place = urllib.parse.urlsplit(outputs["Endpoint"])
    connection = http.client.HTTPConnection(place.hostname, place.port)
    prefix = f"/restapis/{outputs[api]}/stage/_user_request_"
    connection.request(method, prefix + path, body=body, headers={k.replace("_", "-"): v for k, v in headers.items()})
    response = connection.getresponse()
    text = response.read()
    return Answer(response.status, response.headers, json.loads(text) if text else None)


def execute(cloud: Cloud, machine: str, given: Any) -> list[dict[str, Any]]:
    """Runs a state machine, and returns the history of the execution."""
    step_functions = cloud.client("stepfunctions")
    started = step_functions.start_execution(stateMachineArn=cloud.outputs[machine], input=json.dumps(given))
    arn = started["executionArn"]
    wait_for(lambda: step_functions.describe_execution(executionArn=arn)["status"] != "RUNNING")
    return step_functions.get_execution_history(executionArn=arn)["events"]


def task(
    cloud: Cloud, payload: Any, function: str | None = None, machine: str = "TaskMachineArn"
) -> list[dict[str, Any]]:
    """Runs a state machine with a Task that invokes a function, and returns the history."""
    function = function or cloud.outputs["EchoFunctionArn"]
    return execute(cloud, machine, {"function": function, "payload": payload})


def event_of(cloud: Cloud, detail_type: str, about: str, status: str | None = None) -> dict[str, Any]:
    """Waits for an event of a type about a bucket or an execution."""

    def is_expected(event: dict[str, Any]) -> bool:
        of = (event["detail"].get("bucket", {}).get("name"), event["detail"].get("executionArn"))
        return event["detail-type"] == detail_type and about in of and event["detail"].get("status") == status

    return receive(cloud, cloud.outputs["EventsUrl"], is_expected)


def types(history: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in history]
