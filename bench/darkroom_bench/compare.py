"""Measures every tool at every work, in rounds; then scores the pictures."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from darkroom_local.layout import LocalCloudError
from darkroom_local.phases import phase

from . import layout
from .figures import Figures, Score
from .tools import Tool
from .works import Mode, Work

Results = dict[str, dict[str, Figures]]
"""By the key of the work, then by the name of the tool."""


def compare(works: Sequence[Work], tools: Sequence[Tool], photos: Path, rounds: int, runs: int) -> Results:
    """Measures in an interleaved order, so that other load on the machine affects all tools alike."""
    layout.OUTPUT.mkdir(parents=True, exist_ok=True)
    results: Results = {work.key: {tool.name: Figures() for tool in tools} for work in works}
    for number in range(rounds):
        # The first tool rotates: it finds the source cold in the processor's caches.
        turn = number % len(tools)
        order = [*tools[turn:], *tools[:turn]]
        with phase(f"round {number + 1} of {rounds}"):
            for work in works:
                for tool in order:
                    _measure(work, tool, photos / work.photo, runs, results[work.key][tool.name])
    return results


def score(works: Sequence[Work], tools: Sequence[Tool], photos: Path, results: Results) -> None:
    """Adds the scores of each tool: for lossless output of the same resize, and for the encoded output."""
    scored = [work for work in works if not work.big]
    jobs = []
    with phase("scoring"):
        for work in scored:
            source = photos / work.photo
            for tool in tools:
                tool.whole(work, source, _output(work, tool, ".png"))
            renditions = [str(_output(work, tool, suffix)) for tool in tools for suffix in (".png", ".jpg")]
            jobs.append({"source": str(source), "width": work.width, "height": work.height, "renditions": renditions})
        for work, of_work in zip(scored, scores(jobs), strict=True):
            for tool, (resized, encoded) in zip(tools, zip(of_work[::2], of_work[1::2], strict=True), strict=True):
                figures = results[work.key][tool.name]
                figures.resized, figures.encoded = Score(**resized), Score(**encoded)


def _measure(work: Work, tool: Tool, source: Path, runs: int, figures: Figures) -> None:
    output = _output(work, tool, ".jpg")
    cost = tool.whole(work, source, output) if work.mode is Mode.WHOLE else tool.warm(work, source, output, runs)
    figures.cpu_ms.append(cost.cpu_ms)
    figures.wall_ms.append(cost.wall_ms)
    figures.peak_mb.append(cost.peak_mb)
    figures.byte_len = output.stat().st_size


def _output(work: Work, tool: Tool, suffix: str) -> Path:
    return layout.OUTPUT / f"{work.key}-{tool.name.lower()}{suffix}"


def scores(jobs: list[dict[str, object]]) -> list[list[dict[str, float]]]:
    """The scores of each job's renditions, by bench/quality.py."""
    command = [layout.python(), str(layout.BENCH / "quality.py")]
    done = subprocess.run(command, input=json.dumps(jobs), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LocalCloudError(done.stderr.rstrip())
    return json.loads(done.stdout)
