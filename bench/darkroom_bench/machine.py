"""Describes the machine and the versions that the measurements depend on."""

from __future__ import annotations

import datetime
import json
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import layout
from .cases import Case

PILLOW = "import PIL, platform; print(f'{PIL.__version__}, Python {platform.python_version()}')"


def facts(
    command: Path, cases: Sequence[Case], photos: Path, repeat: str, rounds: int, runs: int
) -> list[tuple[str, str]]:
    """The names and values, as they are printed."""
    memory_gb = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    pictures = {case.photo: (photos / case.photo).stat().st_size / 1e6 for case in cases}
    return [
        ("date", datetime.datetime.now(datetime.UTC).date().isoformat()),
        ("machine", f"{_processor()}, {os.cpu_count()} cores, {memory_gb:.0f} GB, Linux {platform.release()}"),
        (
            "Darkroom",
            f"{_output_of(str(command), '--version')}, commit {_commit()}, {_output_of('rustc', '--version')}",
        ),
        ("sharp", _sharp()),
        ("Pillow", _output_of(layout.python(), "-c", PILLOW)),
        ("pictures", ", ".join(f"{name} {size:.1f} MB" for name, size in pictures.items())),
        ("rounds", f"{rounds}, interleaved; {runs} warm renditions a round"),
        ("load", f"{os.getloadavg()[0]:.1f} at the end; the bench alone makes 1"),
        ("repeat", f"`{repeat}`"),
    ]


def busy() -> str | None:
    """A warning if another program loads the machine."""
    load = os.getloadavg()[0]
    return f"the machine is busy (load {load:.1f}): the results will vary" if load > 0.5 else None


def _processor() -> str:
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def _commit() -> str:
    git = ("git", "-C", str(layout.REPOSITORY))
    described = _output_of(*git, "rev-parse", "--short", "HEAD")
    changed = _output_of(*git, "status", "--porcelain", "--untracked-files=no", "--", "crates", "cli")
    return f"{described} and uncommitted changes" if changed else described


def _sharp() -> str:
    said = subprocess.run(
        ["node", "-e", "console.log(JSON.stringify(require('sharp').versions))"],
        env={**os.environ, "NODE_PATH": str(layout.NODE_ENVIRONMENT / "node_modules")},
        capture_output=True,
        text=True,
        check=True,
    )
    versions = json.loads(said.stdout)
    return f"{versions['sharp']}, libvips {versions['vips']}, Node {_output_of('node', '--version').removeprefix('v')}"


def _output_of(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
