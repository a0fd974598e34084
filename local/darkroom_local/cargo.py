"""Runs cargo's builds for this machine, and shows how many crates are compiled."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from .layout import REPOSITORY, LocalCloudError
from .phases import Phase, phase, run, run_watched

# Measured on two idle cores, with no crate downloaded before.
EXPECTED_S = 350.0

# By default, cargo draws its progress bar on terminals only.
BAR_FOR_PROGRAMS = {
    "CARGO_TERM_COLOR": "never",
    "CARGO_TERM_PROGRESS_WHEN": "always",
    "CARGO_TERM_PROGRESS_WIDTH": "80",
}

BUILDING = re.compile(r"Building \[[^\]]*\] (\d+)/(\d+)")
BEFORE_BUILDING = re.compile(r"^\s*(Updating|Locking|Downloading|Downloaded|Fetch|Blocking)\b")
FINISHED_UNIT = re.compile(r"^\s*(Compiling|Finished|Fresh)\b")


def compile_all() -> Path:
    """Compiles the functions and the darkroom command, and returns the folder of the binaries.

    One cargo compiles everything, in the profile `dev`: crates that several programs use are compiled once.
    """
    with phase("compiling the functions and the darkroom command", EXPECTED_S) as current:
        compile_in_phase(current)
    return target_folder() / "debug"


def compile_in_phase(current: Phase) -> None:
    """Compiles the same as part of a longer phase, whose line shows the progress."""
    run_watched(
        ["cargo", "build", "--target", host()],
        cwd=REPOSITORY,
        env={**os.environ, **BAR_FOR_PROGRAMS},
        watch=lambda line: _watched(line, current),
    )


def release(*targets: str) -> Path:
    """Builds for release, and returns the folder of the binaries. `targets` are arguments of cargo: `--package
    imaging`.

    The target is named, as for the command line and the functions: so all builds share their dependencies.
    """
    run(["cargo", "build", "--quiet", "--release", "--target", host(), *targets], cwd=REPOSITORY, env=os.environ)
    return target_folder() / "release"


def target_folder() -> Path:
    """The folder of cargo's builds for this machine."""
    return Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")) / host()


def host() -> str:
    """The target triple of this machine."""
    said = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"^host: (\S+)$", said, re.MULTILINE)
    if found is None:
        raise LocalCloudError(f"rustc -vV names no host:\n{said}")
    return found[1]


def _watched(line: str, current: Phase) -> bool:
    if counted := BUILDING.search(line):
        current.show(f"{counted[1]} of {counted[2]} crates", by="cargo")
        return True
    if BEFORE_BUILDING.match(line):
        current.show("downloading crates", by="cargo")
    return bool(BEFORE_BUILDING.match(line) or FINISHED_UNIT.match(line)) or not line.strip()
