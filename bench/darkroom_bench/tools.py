"""The three that are compared, each as the commands that make a rendition."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from . import layout
from .processes import Measured, measure
from .works import QUALITY, Work


@dataclass(frozen=True)
class Cost:
    """What one rendition took."""

    cpu_ms: float
    wall_ms: float
    peak_mb: float


class Tool(Protocol):
    """Makes renditions; the extension of `output` says in which format."""

    name: str

    def whole(self, work: Work, source: Path, output: Path) -> Cost:
        """Makes one, in a process of its own."""

    def warm(self, work: Work, source: Path, output: Path, runs: int) -> Cost:
        """Makes one and then `runs` more, and counts those."""


class Darkroom:
    """The `darkroom` command as a whole, and the renderer alone when warm."""

    name = "Darkroom"

    def __init__(self, command: Path, renderer: Path) -> None:
        self.command = command
        self.renderer = renderer

    def whole(self, work: Work, source: Path, output: Path) -> Cost:
        """By a profile, since its limits would refuse the big ones otherwise."""
        encoding = {"format": "jpeg", "quality": QUALITY} if output.suffix == ".jpg" else {"format": "png"}
        profile = {
            "accepts": ["jpeg", "png", "webp"],
            "limits": {"max_bytes": 1_000_000_000, "max_pixels": 1_000_000_000, "max_frames": 1},
            "renditions": [{"name": "bench", "width": work.width, "height": work.height, **encoding}],
        }
        file = output.with_suffix(".json")
        file.write_text(json.dumps(profile))
        command = [str(self.command), "render", "--json", "--profile", str(file), "--out", str(output.parent)]
        measured = measure([*command, str(source)])
        (output.parent / f"{source.stem}-bench{output.suffix}").replace(output)
        return _cost(measured)

    def warm(self, work: Work, source: Path, output: Path, runs: int) -> Cost:
        """The process of `runs` + 1 less that of 1: the renderer itself prints whole milliseconds only."""
        command = [str(self.renderer), str(source), str(output), str(work.width), str(work.height)]
        one = measure([*command, "1"])
        more = measure([*command, str(runs + 1)])
        return Cost((more.cpu_ms - one.cpu_ms) / runs, (more.wall_ms - one.wall_ms) / runs, more.peak_mb)

    def idle_mb(self) -> float:
        """Peak memory of a `darkroom` that renders nothing."""
        return measure([str(self.command), "--version"]).peak_mb


class Peer:
    """sharp or Pillow, by a script that prints what each of its runs took."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self.command = command
        self.environment = environment

    def whole(self, work: Work, source: Path, output: Path) -> Cost:
        """One run of the script, its interpreter's start included."""
        return _cost(self._run(work, source, output, 1))

    def warm(self, work: Work, source: Path, output: Path, runs: int) -> Cost:
        """The median of all runs but the first."""
        measured = self._run(work, source, output, runs + 1)
        warm = json.loads(measured.output)
        return Cost(warm["cpu_ms"], warm["wall_ms"], measured.peak_mb)

    def _run(self, work: Work, source: Path, output: Path, runs: int) -> Measured:
        arguments = [str(source), str(output), str(work.width), str(work.height), str(runs), str(QUALITY)]
        return measure([*self.command, *arguments], environment=self.environment)


def sharp() -> Peer:
    """With concurrency 1, cache off and sequential read; otherwise as it comes."""
    script = layout.BENCH / "peers" / "sharp_peer.js"
    return Peer("sharp", ["node", str(script)], {"NODE_PATH": str(layout.NODE_ENVIRONMENT / "node_modules")})


def pillow() -> Peer:
    """`Image.thumbnail`, as its documentation has it."""
    return Peer("Pillow", [layout.python(), str(layout.BENCH / "peers" / "pillow_peer.py")], {})


def _cost(measured: Measured) -> Cost:
    return Cost(measured.cpu_ms, measured.wall_ms, measured.peak_mb)
