"""Paths: the folder of the benchmark's tools, pictures and results, and the page that it writes."""

from __future__ import annotations

from pathlib import Path

BENCH = Path(__file__).resolve().parent.parent
REPOSITORY = BENCH.parent
FOLDER = REPOSITORY / ".local" / "bench"

PYTHON_ENVIRONMENT = FOLDER / "python"
NODE_ENVIRONMENT = FOLDER / "node"
PACKAGES = FOLDER / "packages"
PHOTOS = FOLDER / "photos"
OUTPUT = FOLDER / "out"

PAGE = REPOSITORY / "docs" / "performance.md"


def python() -> str:
    """The Python interpreter with numpy and Pillow."""
    return str(PYTHON_ENVIRONMENT / "bin" / "python")
