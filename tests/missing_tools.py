"""Tools that a machine may lack: tests that need them are skipped, and the last lines of the run list them.

If `CI` is set, a missing tool fails the run, unless `DARKROOM_WITHOUT` names it: `DARKROOM_WITHOUT=docker,arm64`. So no
test is silently skipped where all tests must run.
"""

from __future__ import annotations

import os
from typing import Any, NoReturn

import pytest

NAMES = {
    "arm64": "functions built for arm64, and qemu (`make build-arm64 && make test-arm64`)",
    "chromium": "Debian's Chromium (apt-get install chromium)",
    "corpus": "a corpus of third-party pictures (DARKROOM_CORPUS names its folder)",
    "docker": "a Docker engine that can run images",
    "node": "Node.js 20 or newer, with npm",
}
"""Each tool's name, and its description."""

_found: set[str] = set()


def skip(name: str) -> NoReturn:
    """Skips the test because this machine lacks a tool."""
    _found.add(name)
    pytest.skip(f"needs {NAMES[name]}")


def required() -> set[str]:
    """The missing tools that fail this run."""
    accepted = set(filter(None, os.environ.get("DARKROOM_WITHOUT", "").split(",")))
    return _found - accepted if os.environ.get("CI") else set()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Lists what was not tested."""
    for name in sorted(_found):
        verdict = "  ← fails in CI, unless DARKROOM_WITHOUT names it" if name in required() else ""
        terminalreporter.write_line(f"not tested, needs {NAMES[name]}: '{name}'{verdict}")


def pytest_sessionfinish(session: Any) -> None:
    """Fails the run if a required tool is missing."""
    if required() and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
