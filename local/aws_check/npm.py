"""Runs the scripts of `local/node/`, whose packages are installed under `.local/node` as the lock file pins them."""

from __future__ import annotations

import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from .places import REPOSITORY

INSTALLED = REPOSITORY / ".local" / "node" / "node_modules"
TIMEOUT_SECONDS = 300


class NpmIsMissing(Exception):
    """There is no npm, so a check that needs it cannot run."""


@cache
def installed() -> Path:
    """Installs the packages if needed; the folder that holds them."""
    if not shutil.which("npm"):
        raise NpmIsMissing
    _run("local/node_tools.sh")
    return INSTALLED


def run_script(name: str, message: Any) -> Any:
    """Runs a script of `local/node/` with a message, and returns its answer; both are JSON."""
    installed()
    return json.loads(_run("node", f"local/node/{name}", message=json.dumps(message)))


def _run(*command: str, message: str = "") -> str:
    done = subprocess.run(
        command, cwd=REPOSITORY, input=message, capture_output=True, text=True, check=False, timeout=TIMEOUT_SECONDS
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr or done.stdout}")
    return done.stdout
