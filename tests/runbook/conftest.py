"""The local cloud that DARKROOM_OUTPUTS names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def folder() -> Path:
    """Where it has its state."""
    if not (outputs := os.environ.get("DARKROOM_OUTPUTS")):
        pytest.skip("DARKROOM_OUTPUTS names no deployed stack: `make test` deploys one")
    return Path(outputs).resolve().parent
