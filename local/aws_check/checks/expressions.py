"""Evaluates every JSONata expression of the state machine by the reference implementation, with the messages in
events/.

The message of a state to its function must be equal to the function's example in `events/`; a list with one element
stays a list. Step Functions uses the reference implementation of JSONata; the local cloud uses another.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .. import npm
from ..places import REPOSITORY, place_of_text
from ..report import Check, Findings

MACHINE = REPOSITORY / "statemachine" / "image_pipeline.asl.json"
# The answer of a function.
VERDICTS = ("accepted", "rejected", "superseded", "ignored")
ANSWER = {"Payload": {"answer": ["of the function"]}, "StatusCode": 200}
PICTURE = {"key": "a.jpg"}
JOBS: list[list[dict[str, Any]]] = [[{"job": 1}], [{"job": 1}, {"job": 2}]]


@dataclass
class Case:
    """A field of a state, a value of `$states`, and the expected result."""

    state: str
    field: str
    states: dict[str, Any]
    wanted: Any


def run() -> Findings:
    """Evaluates every case, and checks that every expression is in a case."""
    findings = Findings()
    states = dict(_states(json.loads(MACHINE.read_text(encoding="utf-8"))["States"]))
    evaluated: set[tuple[str, str]] = set()
    cases = [case for case in _cases() if case.state in states]
    questions, owners = [], []
    for case in cases:
        for expression in _expressions(_field(states[case.state], case.field)):
            evaluated.add((case.state, expression))
            questions.append({"expression": _bare(expression), "states": case.states})
            owners.append((case, expression))
    answers = npm.run_script("expressions.mjs", questions)
    values: dict[int, dict[str, Any]] = {}
    for (case, expression), answer in zip(owners, answers):
        if "error" in answer:
            findings.add(place_of_text(MACHINE, expression), f"{case.state}, {case.field}: {answer['error']}")
        values.setdefault(id(case), {})[expression] = answer.get("value")
    for case in cases:
        found = _filled(_field(states[case.state], case.field), values.get(id(case), {}))
        if found != case.wanted:
            where = place_of_text(MACHINE, f'"{case.state}"')
            findings.add(where, f"{case.state}, {case.field}: {json.dumps(found)} is not {json.dumps(case.wanted)}")
    for name, state in states.items():
        for expression in _expressions({it: value for it, value in state.items() if it != "ItemProcessor"}):
            if (name, expression) not in evaluated:
                findings.add(place_of_text(MACHINE, expression), f"{name}: no case evaluates {expression}")
    findings.looked_at = f"{len(evaluated)} expressions, {len(cases)} cases"
    return findings


def _cases() -> Iterator[Case]:
    upload, job = _event("validate.upload"), _event("resize.job")
    context = {"Execution": {"Id": upload["execution"]}}
    event = {"time": upload["received_at"], "detail": upload["detail"]}
    # A rule sends the event, a pipe a list with the event.
    for given in (event, [event], {**event, "source": "aws.s3", "detail-type": "Object Created"}):
        yield _payload("Validate Upload", given, upload, context)
    yield _payload("Resize Rendition", job, job)
    for name, outcome in (("Notify Completion", "completion"), ("Notify Rejection", "rejection")):
        message = _event(f"notify.{outcome}")
        given = {field: value for field, value in message.items() if field != "outcome"}
        yield _payload(name, given, message)
    for state in ("Validate Upload", "Resize Rendition", "Notify Completion", "Notify Rejection"):
        yield Case(state, "Output", {"result": ANSWER}, ANSWER["Payload"])
    for verdict in (*VERDICTS, "unknown"):
        choice = {it: it == verdict for it in VERDICTS}
        yield Case("Accept or Reject?", "Choices", {"input": {"verdict": verdict}}, choice)
    for jobs in JOBS:
        yield Case("Resize Renditions", "Items", {"input": {"jobs": jobs, "picture": PICTURE}}, jobs)
        output = {"picture": PICTURE, "results": jobs}
        yield Case("Resize Renditions", "Output", {"input": {"jobs": jobs, "picture": PICTURE}, "result": jobs}, output)


def _payload(state: str, given: Any, wanted: Any, context: Any = None) -> Case:
    return Case(state, "Payload", {"input": given, "context": context or {}}, wanted)


def _event(name: str) -> Any:
    return json.loads((REPOSITORY / "events" / f"{name}.json").read_text(encoding="utf-8"))


def _states(states: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, state in states.items():
        yield name, state
        yield from _states(state.get("ItemProcessor", {}).get("States", {}))


def _field(state: dict[str, Any], name: str) -> Any:
    if name == "Payload":
        return state["Arguments"]["Payload"]
    if name == "Choices":
        # By the verdict in each condition.
        return {it["Condition"].split("'")[1]: it["Condition"] for it in state["Choices"]}
    return state[name]


def _expressions(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for value in node.values():
            yield from _expressions(value)
    elif isinstance(node, list):
        for value in node:
            yield from _expressions(value)
    elif isinstance(node, str) and node.startswith("{%"):
        yield node


def _bare(expression: str) -> str:
    return expression.removeprefix("{%").removesuffix("%}").strip()


def _filled(node: Any, values: dict[str, Any]) -> Any:
    if isinstance(node, dict):
        return {name: _filled(value, values) for name, value in node.items()}
    if isinstance(node, list):
        return [_filled(value, values) for value in node]
    return values.get(node, node) if isinstance(node, str) else node


CHECK = Check("expressions", "jsonata", run)
