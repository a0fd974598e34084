"""The tools that exist for Node.js only: installed once under `.local/`, as the lock file says, and run from there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from .places import REPOSITORY

SOURCE = Path(__file__).with_name("node")
INSTALLED = REPOSITORY / ".local" / "aws-check"
TIMEOUT_SECONDS = 300


class NoNpm(Exception):
    """There is no npm: what needs it was not looked at."""


@cache
def installed() -> Path:
    """The folder with the tools and our scripts, which import them from there."""
    if not shutil.which("npm"):
        raise NoNpm
    INSTALLED.mkdir(parents=True, exist_ok=True)
    lock, stamp = SOURCE / "package-lock.json", INSTALLED / "installed.json"
    for file in SOURCE.iterdir():
        shutil.copy(file, INSTALLED)
    if not stamp.exists() or stamp.read_bytes() != lock.read_bytes():
        # No package may run a script of its own while it is installed.
        _run("npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit", "--loglevel=error")
        shutil.copy(lock, stamp)
    return INSTALLED


def run_script(name: str, message: Any) -> Any:
    """What a script of `node/` answers: JSON in, JSON out."""
    return json.loads(_run("node", str(installed() / name), message=json.dumps(message)))


def run_tool(name: str, *arguments: str, may_exit: tuple[int, ...] = (0,)) -> str:
    """What an installed command prints."""
    return _run(str(installed() / "node_modules" / ".bin" / name), *arguments, may_exit=may_exit)


def _run(*command: str, message: str = "", may_exit: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(
        command,
        cwd=INSTALLED,
        input=message,
        env=os.environ | {"SCARF_ANALYTICS": "false"},
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    if done.returncode not in may_exit:
        raise RuntimeError(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr or done.stdout}")
    return done.stdout
