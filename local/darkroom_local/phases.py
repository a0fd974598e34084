"""Long commands, told in one line each: name and seconds when they succeed, everything when they fail."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .layout import LocalCloudError


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Prints `name … 1.2 s` around the work inside."""
    print(f"{name} … ", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - began:.1f} s", flush=True)


def run(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> None:
    """Runs a command in silence, or fails with all that it printed."""
    result = subprocess.run(
        list(command),
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if result.returncode != 0:
        sys.stdout.flush()
        output = result.stdout.decode(errors="replace").rstrip()
        raise LocalCloudError(f"{output}\n\ncommand failed with exit code {result.returncode}: {' '.join(command)}")
