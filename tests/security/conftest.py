"""The stack that the end-to-end tests have used: DARKROOM_OUTPUTS names it, and `make test` comes here last."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import boto3
import pytest


@pytest.fixture(scope="session")
def outputs_file() -> Path:
    named = os.environ.get("DARKROOM_OUTPUTS")
    if not named:
        pytest.skip("DARKROOM_OUTPUTS names no deployed stack: `make test` deploys one")
    return Path(named)


@pytest.fixture(scope="session")
def outputs(outputs_file: Path) -> dict[str, str]:
    return json.loads(outputs_file.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def client(outputs: dict[str, str]) -> Any:
    return lambda service: boto3.client(
        service,
        endpoint_url=outputs["Endpoint"],
        region_name=outputs["Region"],
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )


@pytest.fixture(scope="session")
def stack(outputs: dict[str, str]) -> str:
    return outputs["StateMachineName"].removesuffix("-image-pipeline")
