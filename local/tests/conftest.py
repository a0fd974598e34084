"""A local cloud for all tests, with its own folder, port and a small stack."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from clouds import STACK_TEMPLATE, Cloud, free_port

from darkroom_local.layout import Instance


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Cloud]:
    """A local cloud that is not started."""
    cloud = Cloud(Instance(tmp_path, free_port()))
    yield cloud
    cloud.run("stop")


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A running local cloud with the stack of `stack/template.yaml`, shared by all tests that do not stop it."""
    cloud = Cloud(Instance(tmp_path_factory.mktemp("cloud"), free_port()))
    try:
        cloud.run("start")
        cloud.run("deploy", "--template", str(STACK_TEMPLATE))
        yield cloud
    finally:
        cloud.run("stop")
