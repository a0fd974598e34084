"""What is prepared side by side: the first failure ends the other, and is the one that is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from darkroom_local import cargo, environments, phases, prepare
from darkroom_local.layout import REPOSITORY, LocalCloudError

WAITS = ["sleep", "600"]


@dataclass
class Tool:
    """Stands for an environment that is not there yet."""

    command: list[str]
    folder: Path = Path("tool")

    def make(self) -> None:
        phases.run(self.command, cwd=REPOSITORY, env={})


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Prepares with commands that stand for cargo and for what installs a tool."""

    def run(*, compiles: list[str], installs: list[str]) -> None:
        def compile_within(_: Any) -> None:
            phases.run(compiles, cwd=REPOSITORY, env={})

        monkeypatch.setattr(phases, "LOG_FOLDER", tmp_path)
        monkeypatch.setattr(phases, "DURATIONS_FILE", tmp_path / "durations.json")
        monkeypatch.setattr(cargo, "compile_within", compile_within)
        monkeypatch.setattr(environments, "missing", lambda *_: [Tool(installs)])
        prepare.prepare()

    return run


def says_and_fails(text: str) -> list[str]:
    return ["/bin/sh", "-c", f"echo '{text}' >&2; exit 1"]


def test_cargo_s_failure_is_told(prepared: Callable[..., None]) -> None:
    with pytest.raises(LocalCloudError, match="no such crate"):
        prepared(compiles=says_and_fails("no such crate"), installs=WAITS)


def test_a_tool_s_failure_is_told(prepared: Callable[..., None]) -> None:
    with pytest.raises(LocalCloudError, match="no such package"):
        prepared(compiles=WAITS, installs=says_and_fails("no such package"))


@pytest.mark.parametrize(
    "said",
    [
        "Could not resolve host: index.crates.io",
        "[Errno -3] Temporary failure in name resolution",
        "dns error: failed to lookup address information",
    ],
)
def test_without_a_network_it_says_what_it_needs(prepared: Callable[..., None], said: str) -> None:
    with pytest.raises(LocalCloudError, match="it needs a network that reaches index.crates.io"):
        prepared(compiles=says_and_fails(said), installs=["true"])
