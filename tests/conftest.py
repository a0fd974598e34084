"""The local cloud that DARKROOM_OUTPUTS names, the stack that is deployed there, and those that tests put beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from darkroom_local import deploy as deployment
from darkroom_local.clients import client_at
from darkroom_local.layout import Instance


@pytest.fixture(scope="session")
def outputs_file() -> Path:
    """What the deployment wrote. Without it, there is nothing to test."""
    if not (named := os.environ.get("DARKROOM_OUTPUTS")):
        pytest.skip("DARKROOM_OUTPUTS names no deployed stack: `make test` deploys one")
    return Path(named).resolve()


@pytest.fixture(scope="session")
def instance(outputs_file: Path) -> Instance:
    endpoint = json.loads(outputs_file.read_text(encoding="utf-8"))["Endpoint"]
    return Instance(outputs_file.parent, urlsplit(endpoint).port)


@pytest.fixture(scope="session")
def client(instance: Instance) -> Callable[[str], Any]:
    """Makes the client of a service there."""
    return partial(client_at, instance.access())


@pytest.fixture(scope="session")
def outputs(outputs_file: Path) -> dict[str, str]:
    return json.loads(outputs_file.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def stack(outputs: dict[str, str]) -> str:
    """Its name."""
    return outputs["StateMachineName"].removesuffix("-image-pipeline")


@pytest.fixture(scope="session")
def deploy(instance: Instance) -> Callable[..., dict[str, str]]:
    """Deploys a stack of the tests' own, with these parameters and from the build of the usual one; its outputs."""

    def deploy(name: str, **parameters: str) -> dict[str, str]:
        deployment.deploy(instance, deployment.Stack(name, parameters))
        return json.loads(instance.outputs_file_of(name).read_text(encoding="utf-8"))

    return deploy
