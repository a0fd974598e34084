"""The local cloud that DARKROOM_OUTPUTS names, its default stack, and stacks that tests deploy there."""

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
    """The outputs file of the deployment. Without it, the test is skipped."""
    if not (named := os.environ.get("DARKROOM_OUTPUTS")):
        pytest.skip("DARKROOM_OUTPUTS is not set: `make test` deploys a stack and sets it")
    return Path(named).resolve()


@pytest.fixture(scope="session")
def instance(outputs_file: Path) -> Instance:
    endpoint = json.loads(outputs_file.read_text(encoding="utf-8"))["Endpoint"]
    return Instance(outputs_file.parent, urlsplit(endpoint).port)


@pytest.fixture(scope="session")
def client(instance: Instance) -> Callable[[str], Any]:
    """Creates a boto3 client for a service of the local cloud."""
    return partial(client_at, instance.access())


@pytest.fixture(scope="session")
def outputs(outputs_file: Path) -> dict[str, str]:
    return json.loads(outputs_file.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def stack(outputs: dict[str, str]) -> str:
    """The name of the default stack."""
    return outputs["StateMachineName"].removesuffix("-image-pipeline")


@pytest.fixture(scope="session")
def deploy(instance: Instance) -> Callable[..., dict[str, str]]:
    """Deploys another stack from the same build, with these parameters. Returns its outputs."""

    def deploy(name: str, **parameters: str) -> dict[str, str]:
        deployment.deploy(instance, deployment.Stack(name, parameters))
        return json.loads(instance.outputs_file_of(name).read_text(encoding="utf-8"))

    return deploy
