"""Deploys stacks that use the log role of the default stack: an account has one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest


@pytest.fixture(scope="session")
def deploy(deploy: Callable[..., dict[str, str]]) -> Callable[..., dict[str, str]]:
    return partial(deploy, ApiLogRole="existing")
