"""Runs `darkroom render` over many files, each to a PNG of the picture's own size."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

# A process starts in milliseconds, so it is given few files: the results then arrive steadily.
FILES_OF_A_PROCESS = 25
# A guard against a renderer that never ends, not a measurement.
HUNG_S = 900


@dataclass(frozen=True)
class Rendering:
    """What Darkroom did with a file: a rendition, or a rejection's code and message."""

    rendition: Path | None
    code: str = ""
    message: str = ""
    damaged: bool = False
    """Whether parts of the picture are missing in the file, and so in the rendition."""


def render(
    darkroom: Path, files: Sequence[Path], out: Path, options: Sequence[str], jobs: int
) -> Iterator[tuple[Path, Rendering]]:
    """Renders every file, several at the same time, and yields each result as it arrives."""
    parts = [files[at : at + FILES_OF_A_PROCESS] for at in range(0, len(files), FILES_OF_A_PROCESS)]
    with ThreadPoolExecutor(jobs) as pool:
        tasks = [
            pool.submit(_render, darkroom, part, out / str(index), options) for index, part in enumerate(parts)
        ]
        for task in as_completed(tasks):
            yield from task.result()


def _render(darkroom: Path, files: Sequence[Path], out: Path, options: Sequence[str]) -> list[tuple[Path, Rendering]]:
    results: list[tuple[Path, Rendering]] = []
    while len(results) < len(files):
        rest = files[len(results) :]
        # Another folder for each process, because names are unique within one process only.
        folder = out / str(len(results))
        command = [str(darkroom), "render", "--json", "--format", "png", *options, "--out", str(folder), "--", *map(str, rest)]
        try:
            ended = subprocess.run(command, capture_output=True, check=False, timeout=HUNG_S)
            lines, end = ended.stdout, f"exit code {ended.returncode}: {ended.stderr.decode(errors='replace')[-300:]}"
        except subprocess.TimeoutExpired as expired:
            lines, end = expired.stdout or b"", f"no result after {HUNG_S} s"
        # One line for each file, in their order. A process that crashed has none for the file that it crashed at.
        results += [(file, parsed(json.loads(line))) for file, line in zip(rest, lines.splitlines())]
        if len(results) < len(files):
            results.append((files[len(results)], Rendering(None, "crashed", end)))
    return results


def parsed(line: dict[str, object]) -> Rendering:
    """The result that a line of `darkroom render --json` states."""
    if isinstance(error := line.get("error"), dict):
        return Rendering(None, str(error["code"]), str(error["message"]))
    return Rendering(Path(str(line["path"])), damaged=bool(line.get("damaged")))
