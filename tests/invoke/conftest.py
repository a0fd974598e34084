"""The stack that functions are invoked against: the one on the local cloud that DARKROOM_OUTPUTS names."""

from __future__ import annotations

import os

import pytest


@pytest.fixture(scope="session")
def outputs() -> str:
    """The file that has its outputs."""
    if not (named := os.environ.get("DARKROOM_OUTPUTS")):
        pytest.skip("DARKROOM_OUTPUTS names no deployed stack: `make test` deploys one")
    return named
