"""Draws the state machine from its definition into docs/assets/state_machine.svg: `make docs`.

States stand in rows by how far they are from the start, those of a row in the order in which a Choice names them.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
DEFINITION = REPOSITORY / "statemachine" / "image_pipeline.asl.json"
PICTURE = REPOSITORY / "docs" / "assets" / "state_machine.svg"

WIDTH, HEIGHT = 200, 44
BETWEEN_COLUMNS, BETWEEN_ROWS = 40, 56
MARGIN, PADDING = 20, 24

HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"
     role="img" aria-label="The states of the image pipeline" font-family="system-ui, sans-serif" font-size="14">
<style>
  .state {{ fill: #fff; stroke: #3b5bdb; stroke-width: 1.5 }}
  .Choice {{ fill: #fff9db; stroke: #e67700 }}
  .Succeed {{ fill: #ebfbee; stroke: #2b8a3e }}
  .Map {{ fill: #edf2ff; stroke-dasharray: 5 3 }}
  .edge {{ fill: none; stroke: #495057; stroke-width: 1.5; marker-end: url(#head) }}
  text {{ fill: #212529; text-anchor: middle }}
  .label {{ fill: #495057; font-size: 12px; paint-order: stroke; stroke: #fff; stroke-width: 4px }}
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">
  <path d="M0 0 8 4 0 8z" fill="#495057"/></marker></defs>
<rect width="100%" height="100%" fill="#fff"/>
"""


@dataclass(frozen=True)
class Edge:
    """One way from a state to another, and when it is taken."""

    start: str
    end: str
    label: str = ""


def draw(definition: dict[str, Any]) -> str:
    """The whole picture."""
    states = definition["States"]
    rows = _rows(definition["StartAt"], states)
    size = {name: _size(state) for name, state in states.items()}
    place, width, height = _places(rows, size)
    parts = [HEAD.format(width=width, height=height)]
    parts += [_edge(edge, place, size) for name in states for edge in _edges(name, states[name])]
    parts += [_state(name, states[name], *place[name], *size[name]) for name in states]
    return "".join(parts) + "</svg>\n"


def current() -> str:
    """The picture as the repository's definition makes it."""
    return draw(json.loads(DEFINITION.read_text(encoding="utf-8")))


def _edges(name: str, state: dict[str, Any]) -> list[Edge]:
    if state["Type"] == "Choice":
        ways = [(choice["Next"], _word(choice["Condition"])) for choice in state["Choices"]]
        ways += [(state["Default"], "otherwise")] if "Default" in state else []
        return [Edge(name, end, label) for end, label in ways]
    return [Edge(name, state["Next"])] if "Next" in state else []


def _word(condition: str) -> str:
    """What a condition compares with, if it is one word; else the condition."""
    found = re.findall(r"'([^']*)'", condition)
    return found[0] if len(found) == 1 else condition.strip("{}% ")


def _rows(start: str, states: dict[str, Any]) -> list[list[str]]:
    """Each state below all that lead to it."""
    depth = {start: 0}
    waiting = [start]
    while waiting:
        name = waiting.pop(0)
        for edge in _edges(name, states[name]):
            if depth.get(edge.end, -1) <= depth[name]:
                depth[edge.end] = depth[name] + 1
                waiting.append(edge.end)
    return [[name for name in depth if depth[name] == row] for row in range(max(depth.values()) + 1)]


def _size(state: dict[str, Any]) -> tuple[int, int]:
    if state["Type"] != "Map":
        return WIDTH, HEIGHT
    inside = len(state["ItemProcessor"]["States"])
    return WIDTH + 2 * PADDING, PADDING + inside * (HEIGHT + PADDING) + 8


def _places(rows: list[list[str]], size: dict[str, tuple[int, int]]) -> tuple[dict[str, tuple[int, int]], int, int]:
    widths = [sum(size[name][0] for name in row) + BETWEEN_COLUMNS * (len(row) - 1) for row in rows]
    width = max(widths) + 2 * MARGIN
    place, y = {}, MARGIN
    for row, row_width in zip(rows, widths, strict=True):
        x = (width - row_width) // 2
        for name in row:
            place[name] = (x, y)
            x += size[name][0] + BETWEEN_COLUMNS
        y += max(size[name][1] for name in row) + BETWEEN_ROWS
    return place, width, y - BETWEEN_ROWS + MARGIN


def _edge(edge: Edge, place: dict[str, tuple[int, int]], size: dict[str, tuple[int, int]]) -> str:
    x1 = place[edge.start][0] + size[edge.start][0] // 2
    y1 = place[edge.start][1] + size[edge.start][1]
    x2, y2 = place[edge.end][0] + size[edge.end][0] // 2, place[edge.end][1]
    middle = (y1 + y2) // 2
    drawn = f'<path class="edge" d="M{x1} {y1}C{x1} {middle} {x2} {middle} {x2} {y2}"/>\n'
    if edge.label:
        drawn += f'<text class="label" x="{(x1 + x2) // 2}" y="{middle + 4}">{escape(edge.label)}</text>\n'
    return drawn


def _state(name: str, state: dict[str, Any], x: int, y: int, width: int, height: int) -> str:
    box = f'<rect class="state {state["Type"]}" x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>\n'
    if state["Type"] != "Map":
        return box + f'<text x="{x + width // 2}" y="{y + height // 2 + 5}">{escape(name)}</text>\n'
    drawn = box + f'<text x="{x + width // 2}" y="{y + 18}">{escape(name)}</text>\n'
    for row, (inner, inner_state) in enumerate(state["ItemProcessor"]["States"].items()):
        drawn += _state(inner, inner_state, x + PADDING, y + PADDING + 4 + row * (HEIGHT + PADDING), WIDTH, HEIGHT)
    return drawn


if __name__ == "__main__":
    PICTURE.write_text(current(), encoding="utf-8")
