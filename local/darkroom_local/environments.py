"""The Python environments, made once and again when their pinned requirements change.

MiniStack and aws-sam-cli pin different versions of boto3, so they cannot share one. Others are for the tests alone, and
for builds that go to AWS.
Refuses an interpreter older than both packages want.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .layout import (
    CLOUD_ENVIRONMENT,
    CROSS_ENVIRONMENT,
    LOCAL,
    PILLOW_ENVIRONMENT,
    REPOSITORY,
    SAM_ENVIRONMENT,
    SCHEMATHESIS_ENVIRONMENT,
    LocalCloudError,
)
from .phases import phase, run

OLDEST_PYTHON = (3, 10)
CANDIDATES = ("python3.13", "python3.12", "python3.11", "python3.10")


def set_up() -> None:
    """Makes what is missing or outdated; says nothing when there is nothing to do."""
    _make(CLOUD_ENVIRONMENT, [LOCAL / "requirements-cloud.txt"], bare=[])
    _make(SAM_ENVIRONMENT, [LOCAL / "requirements-sam.txt"], bare=[LOCAL / "requirements-sam-bare.txt"])


def set_up_tests() -> None:
    """Makes what only the tests of the renderer and of the API need."""
    _make(PILLOW_ENVIRONMENT, [LOCAL / "requirements-pillow.txt"], bare=[])
    _make(SCHEMATHESIS_ENVIRONMENT, [LOCAL / "requirements-schemathesis.txt"], bare=[])


def set_up_cross() -> None:
    """Makes what builds for Lambda, as a deployment does: cargo-lambda and zig, its compiler and linker (471 MB)."""
    _make(CROSS_ENVIRONMENT, [LOCAL / "requirements-cross.txt"], bare=[])


def tool(environment: Path, name: str) -> str:
    """The path of a command in one of the environments, which `set_up` must have made."""
    path = environment / "bin" / name
    if not path.exists():
        raise LocalCloudError(f"{path} is missing: run `python3 local/cloud.py setup`")
    return str(path)


def _make(environment: Path, requirements: list[Path], bare: list[Path]) -> None:
    stamp = environment / "requirements.sha256"
    wanted = _digest(requirements + bare)
    # The interpreter is a link, which dangles when the Python that it was made with is gone.
    if (environment / "bin" / "python").exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    with phase(f"installing {environment.name} into {environment.relative_to(REPOSITORY)}"):
        # A half-made or outdated environment is cheaper to make again than to reason about.
        shutil.rmtree(environment, ignore_errors=True)
        env = _installer_environment()
        run([_python(), "-m", "venv", str(environment)], cwd=LOCAL, env=env)
        install = [str(environment / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
        for file in requirements:
            run([*install, "--requirement", str(file)], cwd=LOCAL, env=env)
        for file in bare:
            run([*install, "--no-deps", "--requirement", str(file)], cwd=LOCAL, env=env)
        stamp.write_text(wanted)


def _digest(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _python() -> str:
    if sys.version_info >= OLDEST_PYTHON:
        return sys.executable
    for name in CANDIDATES:
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", "import venv"], check=False, capture_output=True).returncode == 0:
            return found
    raise LocalCloudError(
        f"Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer is needed, "
        f"this is {sys.version.split()[0]} ({sys.executable}), and none of {', '.join(CANDIDATES)} is on the PATH"
    )


def _installer_environment() -> dict[str, str]:
    foreign = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in foreign}
