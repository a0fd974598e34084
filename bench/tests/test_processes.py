"""Measuring a process: its own time and memory, without those of its parent."""

from __future__ import annotations

import pytest

from darkroom_bench.processes import measure
from darkroom_local.layout import LocalCloudError


def test_the_memory_of_the_measuring_process_is_not_counted() -> None:
    ballast = bytearray(b"x") * 100_000_000
    assert measure(["/bin/true"]).peak_mb < 8
    assert len(ballast) == 100_000_000


def test_a_shell_that_waits_takes_wall_time_and_no_cpu_time() -> None:
    measured = measure(["sleep", "0.2"])
    assert measured.wall_ms >= 200
    assert measured.cpu_ms < 100


def test_the_output_is_returned() -> None:
    assert measure(["sh", "-c", 'echo "$WORD"; echo two >&2'], environment={"WORD": "one"}).output == "one\ntwo\n"


def test_a_failure_contains_the_command_and_its_output() -> None:
    with pytest.raises(LocalCloudError, match=r"(?s)why.*exit code 3: sh -c"):
        measure(["sh", "-c", "echo why; exit 3"])
