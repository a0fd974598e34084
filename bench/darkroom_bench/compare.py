"""Measures every tool in every case, in rounds; then scores the pictures."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from darkroom_local.layout import LocalCloudError
from darkroom_local.phases import phase

from . import layout
from .cases import Case, Mode
from .figures import Figures, Score
from .tools import Tool

Results = dict[str, dict[str, Figures]]
"""By the key of the case, then by the name of the tool."""


def compare(cases: Sequence[Case], tools: Sequence[Tool], photos: Path, rounds: int, runs: int) -> Results:
    """Measures in an interleaved order, so that other load on the machine affects all tools alike."""
    layout.OUTPUT.mkdir(parents=True, exist_ok=True)
    results: Results = {case.key: {tool.name: Figures() for tool in tools} for case in cases}
    for number in range(rounds):
        # The first tool rotates: it finds the source cold in the processor's caches.
        turn = number % len(tools)
        order = [*tools[turn:], *tools[:turn]]
        with phase(f"round {number + 1} of {rounds}"):
            for case in cases:
                for tool in order:
                    _measure(case, tool, photos / case.photo, runs, results[case.key][tool.name])
    return results


def score(cases: Sequence[Case], tools: Sequence[Tool], photos: Path, results: Results) -> None:
    """Adds the scores of each tool: for lossless output of the same resize, and for the encoded output."""
    scored = [case for case in cases if not case.big]
    jobs = []
    with phase("scoring"):
        for case in scored:
            source = photos / case.photo
            for tool in tools:
                tool.whole(case, source, _output(case, tool, ".png"))
            renditions = [str(_output(case, tool, suffix)) for tool in tools for suffix in (".png", ".jpg")]
            jobs.append({"source": str(source), "width": case.width, "height": case.height, "renditions": renditions})
        for case, of_case in zip(scored, scores(jobs), strict=True):
            for tool, (resized, encoded) in zip(tools, zip(of_case[::2], of_case[1::2], strict=True), strict=True):
                figures = results[case.key][tool.name]
                figures.resized, figures.encoded = Score(**resized), Score(**encoded)


def _measure(case: Case, tool: Tool, source: Path, runs: int, figures: Figures) -> None:
    output = _output(case, tool, ".jpg")
    cost = tool.whole(case, source, output) if case.mode is Mode.WHOLE else tool.warm(case, source, output, runs)
    figures.cpu_ms.append(cost.cpu_ms)
    figures.wall_ms.append(cost.wall_ms)
    figures.peak_mb.append(cost.peak_mb)
    figures.byte_len = output.stat().st_size


def _output(case: Case, tool: Tool, suffix: str) -> Path:
    return layout.OUTPUT / f"{case.key}-{tool.name.lower()}{suffix}"


def scores(jobs: list[dict[str, object]]) -> list[list[dict[str, float]]]:
    """The scores of each job's renditions, by bench/quality.py."""
    command = [layout.python(), str(layout.BENCH / "quality.py")]
    done = subprocess.run(command, input=json.dumps(jobs), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LocalCloudError(done.stderr.rstrip())
    return json.loads(done.stdout)
