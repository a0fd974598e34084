"""Cargo and uv run at the same time: the first failure stops the other, and is reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from darkroom_local import cargo, environments, phases, prepare
from darkroom_local.layout import REPOSITORY, LocalCloudError

SLEEP = ["sleep", "600"]


@dataclass
class Tool:
    """A stand-in for an environment that is not installed."""

    command: list[str]
    folder: Path = Path("tool")

    def make(self) -> None:
        phases.run(self.command, cwd=REPOSITORY, env={})


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Runs `prepare` with stand-ins for cargo and for the installation of a tool."""

    def run(*, compiles: list[str], installs: list[str]) -> None:
        def compile_in_phase(_: Any) -> None:
            phases.run(compiles, cwd=REPOSITORY, env={})

        monkeypatch.setattr(phases, "LOG_FOLDER", tmp_path)
        monkeypatch.setattr(phases, "DURATIONS_FILE", tmp_path / "durations.json")
        monkeypatch.setattr(cargo, "compile_in_phase", compile_in_phase)
        monkeypatch.setattr(environments, "missing", lambda *_: [Tool(installs)])
        prepare.prepare()

    return run


def print_and_fail(text: str) -> list[str]:
    return ["/bin/sh", "-c", f"echo '{text}' >&2; exit 1"]


def test_a_failure_of_cargo_is_reported(prepared: Callable[..., None]) -> None:
    with pytest.raises(LocalCloudError, match="no such crate"):
        prepared(compiles=print_and_fail("no such crate"), installs=SLEEP)


def test_a_failure_of_an_installation_is_reported(prepared: Callable[..., None]) -> None:
    with pytest.raises(LocalCloudError, match="no such package"):
        prepared(compiles=SLEEP, installs=print_and_fail("no such package"))


@pytest.mark.parametrize(
    "said",
    [
        "Could not resolve host: index.crates.io",
        "[Errno -3] Temporary failure in name resolution",
        "dns error: failed to lookup address information",
    ],
)
def test_without_a_network_the_error_says_what_is_needed(prepared: Callable[..., None], said: str) -> None:
    with pytest.raises(LocalCloudError, match="It needs a network that reaches index.crates.io"):
        prepared(compiles=print_and_fail(said), installs=["true"])
