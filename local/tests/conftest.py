"""One local cloud for all tests, beside whatever else runs: a folder, a port and a small stack of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clouds import STACK_TEMPLATE, Cloud, free_port

from darkroom_local.layout import Instance


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    """A local cloud that is not started yet."""
    cloud = Cloud(Instance(tmp_path, free_port()))
    yield cloud
    cloud.run("stop")


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A local cloud with the tests' stack, shared by all tests that only use it."""
    cloud = Cloud(Instance(tmp_path_factory.mktemp("cloud"), free_port()))
    try:
        cloud.run("start")
        cloud.run("deploy", "--template", str(STACK_TEMPLATE))
        yield cloud
    finally:
        cloud.run("stop")
