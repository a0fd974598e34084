"""Runs the AWS CLI commands of docs/operations.md by boto3, so that the tests follow the page."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, Callable

PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


def of_section(title: str) -> list[list[str]]:
    """The `aws …` commands in the code blocks of a section, each as a list of words."""
    (section,) = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    blocks = "\n".join(re.findall(r"^ *```\n(.*?)^ *```", section, re.M | re.S))
    lines = blocks.replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True) for line in lines if line.strip().startswith("aws ")]


def run(words: list[str], placeholders: dict[str, str], client: Callable[[str], Any]) -> Any:
    """Runs a command, and returns its answer. Placeholders are the words in capitals on the page."""
    aws, service, operation, *options = words
    assert aws == "aws" and len(options) % 2 == 0, words
    of_service = client("s3" if service == "s3api" else service)
    method = operation.replace("-", "_")
    model = of_service.meta.service_model.operation_model(of_service.meta.method_to_api_mapping[method])
    members = {name.lower(): (name, shape) for name, shape in model.input_shape.members.items()}
    arguments = {}
    for option, text in zip(options[::2], options[1::2], strict=True):
        for placeholder, value in sorted(placeholders.items(), key=lambda it: -len(it[0])):
            text = text.replace(placeholder, value)
        name, shape = members[option.removeprefix("--").replace("-", "")]
        arguments[name] = _parsed(text, shape)
    return getattr(of_service, method)(**arguments)


def _parsed(text: str, shape: Any) -> Any:
    """Parses the CLI's shorthand, as far as the page uses it: `name=value,name=value` is a structure."""
    if shape.type_name == "list":
        return [_parsed(text, shape.member)]
    if shape.type_name == "structure":
        pairs = (part.split("=", 1) for part in text.split(","))
        return {name: _parsed(value, shape.members[name]) for name, value in pairs}
    return int(text) if shape.type_name in ("integer", "long") else text
