"""Runs the template's saved queries on the local cloud's logs, by the parts of CloudWatch Logs Insights that they
use."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Callable

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"
SAVED = r"Name: !Sub \$\{{AWS::StackName\}}/{}\n +LogGroupNames: \[(.*?)\]\n(?: +#.*\n)*      QueryString: \|\n((?: {{8}}.*\n)+)"

Row = dict[str, Any]


def ask(name: str, stack: str, client: Callable[[str], Any]) -> list[Row]:
    """Runs a saved query on its log groups, and returns the rows."""
    (found,) = re.findall(SAVED.format(re.escape(name)), TEMPLATE.read_text(encoding="utf-8"))
    groups, query = found
    functions = [group.lower() for group in re.findall(r"!Ref (\w+)LogGroup", groups)]
    rows = [row for function in functions for row in lines(f"/aws/lambda/{stack}-{function}", client("logs"))]
    fields: list[str] = []
    for command, _, rest in (line.strip().removeprefix("| ").partition(" ") for line in query.splitlines()):
        if command == "fields":
            fields = rest.split(", ")
        elif command == "filter":
            rows = [row for row in rows if matches(rest, row)]
        elif command == "sort":
            field, order = rest.split()
            rows.sort(key=lambda row: at(row, field), reverse=order == "desc")
        elif command == "limit":
            rows = rows[: int(rest)]
        else:
            raise ValueError(f"the command {command} is not supported")
    return [{field: at(row, field) for field in fields} for row in rows]


def lines(group: str, logs: Any) -> list[Row]:
    """The JSON lines of a log group, each with its time."""
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group)
    events = [event for page in pages for event in page["events"] if event["message"].startswith("{")]
    return [{"@timestamp": event["timestamp"], **json.loads(event["message"])} for event in events]


def matches(condition: str, row: Row) -> bool:
    if present := re.fullmatch(r"ispresent\((\S+)\)", condition):
        return at(row, present[1]) is not None
    field, value = re.fullmatch(r'(\S+) = "(.*)"', condition).groups()
    return at(row, field) == value


def at(row: Row, path: str) -> Any:
    """The field at a path with dots; None if it does not exist."""
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value
