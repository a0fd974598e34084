"""Prepares the benchmark: a Python environment, sharp, pictures, and release builds of Darkroom. Each is created
once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from darkroom_local import cargo
from darkroom_local.layout import LocalCloudError
from darkroom_local.phases import phase, run

from . import layout
from .tools import Darkroom

WALLPAPERS = (
    "lomiri-wallpapers-16.04",
    "lomiri-wallpapers-20.04",
    "mate-backgrounds",
    "plasma-workspace-wallpapers",
)
REQUIREMENTS = layout.BENCH / "requirements.txt"
PACKAGE = layout.BENCH / "peers" / "package.json"
PACKAGE_LOCK = layout.BENCH / "peers" / "package-lock.json"


def set_up() -> None:
    """Installs sharp, Pillow and the scoring tools; again if their pinned versions change."""
    set_up_scoring()
    _once(layout.NODE_ENVIRONMENT, PACKAGE_LOCK, _install_node)


def set_up_scoring() -> None:
    """Installs only the tools that create and score pictures."""
    _once(layout.PYTHON_ENVIRONMENT, REQUIREMENTS, _install_python)


def photos(big: bool) -> Path:
    """Creates the pictures from Debian's wallpapers, and returns their folder."""
    unpacked = layout.PACKAGES / "unpacked"
    if not unpacked.exists():
        with phase("fetching wallpapers from Debian"):
            _fetch_wallpapers(unpacked)
    command = [layout.python(), str(layout.BENCH / "photos.py"), str(unpacked), str(layout.PHOTOS)]
    with phase(f"pictures in {layout.PHOTOS.relative_to(layout.REPOSITORY)}"):
        run([*command, *(["--big"] if big else [])], cwd=layout.REPOSITORY, env=os.environ)
    return layout.PHOTOS


def build() -> tuple[Darkroom, Path]:
    """Builds Darkroom for release. Returns the command and renderer, and the path of the resize function."""
    with phase("building Darkroom for release"):
        cargo.release("--package", "darkroom")
        cargo.release("--package", "imaging", "--example", "render")
        release = cargo.release("--package", "resize")
    return Darkroom(release / "darkroom", release / "examples" / "render"), release / "resize"


def _once(environment: Path, requirements: Path, install: Callable[[Path], None]) -> None:
    stamp = environment / requirements.name
    if stamp.exists() and stamp.read_bytes() == requirements.read_bytes():
        return
    with phase(f"installing {environment.relative_to(layout.REPOSITORY)}"):
        shutil.rmtree(environment, ignore_errors=True)
        environment.mkdir(parents=True)
        install(environment)
        shutil.copyfile(requirements, stamp)


def _install_python(environment: Path) -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 -- nothing else checks the version
        raise LocalCloudError(f"the bench needs Python 3.11 or newer, this is {sys.version.split()[0]}")
    run([sys.executable, "-m", "venv", str(environment)], cwd=layout.REPOSITORY, env=os.environ)
    pip = [layout.python(), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    run([*pip, "--requirement", str(REQUIREMENTS)], cwd=layout.REPOSITORY, env=os.environ)


def _install_node(environment: Path) -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise LocalCloudError("sharp, which Darkroom is compared with, needs node (20.9 or newer) and npm")
    # npm would use a package.json in a parent folder, unless the folder has its own.
    scratch = environment / "package"
    scratch.mkdir()
    for file in (PACKAGE, PACKAGE_LOCK):
        shutil.copyfile(file, scratch / file.name)
    run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=scratch, env=os.environ)
    (scratch / "node_modules").rename(environment / "node_modules")
    shutil.rmtree(scratch)


def _fetch_wallpapers(unpacked: Path) -> None:
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise LocalCloudError("the pictures are created from Debian's wallpapers: without apt-get, use --photos DIR")
    folder = layout.PACKAGES
    folder.mkdir(parents=True, exist_ok=True)
    download = ["apt-get", "download", "-qq", *WALLPAPERS]
    if subprocess.run(download, cwd=folder, capture_output=True, check=False).returncode != 0:
        # A new machine has no package lists, and only root may fetch them.
        if os.geteuid() == 0:
            run(["apt-get", "update", "-qq"], cwd=folder, env=os.environ)
        run(download, cwd=folder, env=os.environ)
    unfinished = unpacked.with_name("unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    for package in sorted(folder.glob("*.deb")):
        run(["dpkg", "-x", str(package), str(unfinished)], cwd=folder, env=os.environ)
    unfinished.rename(unpacked)
