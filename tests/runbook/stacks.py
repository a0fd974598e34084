"""Stacks of these tests' own, from the build of the usual one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def deploy(folder: Path, stack: str, **parameters: str) -> dict[str, str]:
    """Deploys it to the local cloud in that folder; its outputs."""
    port = json.loads((folder / "server.json").read_text())["port"]
    settings = {"ApiLogRole": "existing", **parameters}
    command = [sys.executable, str(REPOSITORY / "local" / "cloud.py"), "--dir", str(folder), "--port", str(port)]
    command += ["deploy", "--built", "--stack", stack]
    command += [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / f"{stack}.outputs.json").read_text())
