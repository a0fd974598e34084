"""Cargo's builds for this machine, with the number of crates as they are compiled."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from .layout import REPOSITORY, LocalCloudError
from .phases import Phase, phase, run, run_watched

# Measured on two idle cores, with all crates to be downloaded.
EXPECTED_S = 350.0

# Cargo draws its bar for terminals only, unless it is asked to.
BAR_FOR_PROGRAMS = {
    "CARGO_TERM_COLOR": "never",
    "CARGO_TERM_PROGRESS_WHEN": "always",
    "CARGO_TERM_PROGRESS_WIDTH": "80",
}

BUILDING = re.compile(r"Building \[[^\]]*\] (\d+)/(\d+)")
BEFORE_BUILDING = re.compile(r"^\s*(Updating|Locking|Downloading|Downloaded|Fetch|Blocking)\b")
FINISHED_UNIT = re.compile(r"^\s*(Compiling|Finished|Fresh)\b")


def compile_all() -> Path:
    """Compiles all that a deployment to the local cloud runs, and the darkroom command; says where it lies.

    One cargo for all of it, in the profile `dev`: crates that several programs use are compiled once.
    """
    with phase("compiling the functions and the darkroom command", EXPECTED_S) as current:
        compile_within(current)
    return target_folder() / "debug"


def compile_within(current: Phase) -> None:
    """The same as a part of a longer phase, whose line says how far it is."""
    run_watched(
        ["cargo", "build", "--target", host()],
        cwd=REPOSITORY,
        env={**os.environ, **BAR_FOR_PROGRAMS},
        watch=lambda line: _watched(line, current),
    )


def release(*targets: str) -> Path:
    """Builds for release, and says where it lies. `targets` are cargo's own words: `--package imaging`.

    For the host by name, as the command line and the functions are built: all share what they depend on.
    """
    run(["cargo", "build", "--quiet", "--release", "--target", host(), *targets], cwd=REPOSITORY, env=os.environ)
    return target_folder() / "release"


def target_folder() -> Path:
    """Where cargo puts what it builds for this machine."""
    return Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")) / host()


def host() -> str:
    """This machine's name for Rust."""
    said = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"^host: (\S+)$", said, re.MULTILINE)
    if found is None:
        raise LocalCloudError(f"rustc -vV names no host:\n{said}")
    return found[1]


def _watched(line: str, current: Phase) -> bool:
    if counted := BUILDING.search(line):
        current.says(f"{counted[1]} of {counted[2]} crates", by="cargo")
        return True
    if BEFORE_BUILDING.match(line):
        current.says("downloading crates", by="cargo")
    return bool(BEFORE_BUILDING.match(line) or FINISHED_UNIT.match(line)) or not line.strip()
