"""The three tools that are compared, each with the commands that make a rendition."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from . import layout
from .cases import QUALITY, Case
from .processes import Measured, measure


@dataclass(frozen=True)
class Cost:
    """The cost of one rendition."""

    cpu_ms: float
    wall_ms: float
    peak_mb: float


class Tool(Protocol):
    """A tool that makes renditions. The extension of `output` selects the format."""

    name: str

    def whole(self, case: Case, source: Path, output: Path) -> Cost:
        """Makes one rendition in its own process, and measures the process."""

    def warm(self, case: Case, source: Path, output: Path, runs: int) -> Cost:
        """Makes one rendition, and then measures `runs` more in the same process."""


class Darkroom:
    """The `darkroom` command as a whole, and the renderer alone when warm."""

    name = "Darkroom"

    def __init__(self, command: Path, renderer: Path) -> None:
        self.command = command
        self.renderer = renderer

    def whole(self, case: Case, source: Path, output: Path) -> Cost:
        """Uses a profile with high limits: the default ones would refuse the big pictures."""
        encoding = {"format": "jpeg", "quality": QUALITY} if output.suffix == ".jpg" else {"format": "png"}
        profile = {
            "accepts": ["jpeg", "png", "webp", "avif"],
            "limits": {"max_bytes": 1_000_000_000, "max_pixels": 1_000_000_000, "max_frames": 1},
            "renditions": [{"name": "bench", "width": case.width, "height": case.height, **encoding}],
        }
        file = output.with_suffix(".json")
        file.write_text(json.dumps(profile))
        command = [str(self.command), "render", "--json", "--profile", str(file), "--out", str(output.parent)]
        measured = measure([*command, str(source)])
        (output.parent / f"{source.stem}-bench{output.suffix}").replace(output)
        return _cost(measured)

    def warm(self, case: Case, source: Path, output: Path, runs: int) -> Cost:
        """The difference of a process with `runs` + 1 renditions and one with 1: the renderer prints only whole ms."""
        command = [str(self.renderer), str(source), str(output), str(case.width), str(case.height)]
        one = measure([*command, "1"])
        more = measure([*command, str(runs + 1)])
        return Cost((more.cpu_ms - one.cpu_ms) / runs, (more.wall_ms - one.wall_ms) / runs, more.peak_mb)

    def idle_mb(self) -> float:
        """The peak memory of a `darkroom` process that renders nothing."""
        return measure([str(self.command), "--version"]).peak_mb


class Peer:
    """sharp or Pillow, by a script that prints the median of its runs."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str]) -> None:
        self.name = name
        self.command = command
        self.environment = environment

    def whole(self, case: Case, source: Path, output: Path) -> Cost:
        """One run of the script, including the start of its interpreter."""
        return _cost(self._run(case, source, output, 1))

    def warm(self, case: Case, source: Path, output: Path, runs: int) -> Cost:
        """The median of all runs except the first."""
        measured = self._run(case, source, output, runs + 1)
        warm = json.loads(measured.output)
        return Cost(warm["cpu_ms"], warm["wall_ms"], measured.peak_mb)

    def _run(self, case: Case, source: Path, output: Path, runs: int) -> Measured:
        arguments = [str(source), str(output), str(case.width), str(case.height), str(runs), str(QUALITY)]
        return measure([*self.command, *arguments], environment=self.environment)


def sharp() -> Peer:
    """sharp with concurrency 1, without cache and with sequential read; otherwise with its defaults."""
    script = layout.BENCH / "peers" / "sharp_peer.js"
    return Peer("sharp", ["node", str(script)], {"NODE_PATH": str(layout.NODE_ENVIRONMENT / "node_modules")})


def pillow() -> Peer:
    """Pillow's `Image.thumbnail`, as in its documentation."""
    return Peer("Pillow", [layout.python(), str(layout.BENCH / "peers" / "pillow_peer.py")], {})


def _cost(measured: Measured) -> Cost:
    return Cost(measured.cpu_ms, measured.wall_ms, measured.peak_mb)
