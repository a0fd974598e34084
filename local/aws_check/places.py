"""Finds the file and line of a problem."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
TEMPLATE = REPOSITORY / "template.yaml"


def place(file: Path, path: Sequence[Any] = ()) -> str:
    """`file:line` of the YAML node at `path`, or of its closest parent that exists."""
    return f"{file.relative_to(REPOSITORY)}:{_line(file, tuple(map(str, path)))}"


def place_of_text(file: Path, text: str) -> str:
    """`file:line` of the first line that contains `text`; line 1 if no line does."""
    lines = file.read_text(encoding="utf-8").splitlines()
    found = next((number for number, line in enumerate(lines, 1) if text in line), 1)
    return f"{file.relative_to(REPOSITORY)}:{found}"


def place_of_resource(logical_id: str, *path: Any) -> str:
    """`file:line` of a resource of the template. SAM's generated ids begin with the id of the resource in the
    template.
    """
    ids = sorted(_resources(), key=len, reverse=True)
    source = next((it for it in ids if logical_id.startswith(it)), None)
    return place(TEMPLATE, ("Resources", source, *path) if source else ("Resources",))


def _resources() -> list[str]:
    mapping = _composed(TEMPLATE)
    resources = next(value for key, value in mapping.value if key.value == "Resources")
    return [key.value for key, _ in resources.value]


@cache
def _composed(file: Path) -> Any:
    return yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)


@cache
def _line(file: Path, path: tuple[str, ...]) -> int:
    node, line = _composed(file), 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == step]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
            node = node.value[int(step)]
            line = node.start_mark.line + 1
        else:
            break
    return line
