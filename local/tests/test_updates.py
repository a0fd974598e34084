"""An update of a stack lets running work finish: invocations of a function, and the messages of a pipe."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from darkroom_local.extension import functions_graceful_update, pipes_from_sqs


@dataclass
class Worker:
    """A stand-in for a function's process."""

    in_use: bool
    is_alive: bool = True


def end(workers: list[Worker]) -> None:
    for worker in workers:
        worker.is_alive = False


def release(worker: Worker) -> None:
    worker.in_use = False


def test_a_busy_process_ends_after_its_invocation() -> None:
    busy, idle = Worker(in_use=True), Worker(in_use=False)

    functions_graceful_update._ending_idle_workers(end)([busy, idle])

    assert busy.is_alive and not idle.is_alive
    functions_graceful_update._ending_outdated_workers(release, end)(busy)
    assert not busy.is_alive


def test_a_process_that_is_not_outdated_continues_to_run() -> None:
    worker = Worker(in_use=True)

    functions_graceful_update._ending_outdated_workers(release, end)(worker)

    assert worker.is_alive and not worker.in_use


@pytest.mark.parametrize(("state", "left"), [("RUNNING", 0), ("STOPPED", 3)])
def test_a_running_pipe_delivers_waiting_messages_before_it_is_deleted(
    monkeypatch: pytest.MonkeyPatch, state: str, left: int
) -> None:
    waiting = ["a", "b", "c"]
    deleted: list[str] = []
    monkeypatch.setitem(pipes_from_sqs.pipes._pipes, "intake", {"CurrentState": state})
    monkeypatch.setattr(pipes_from_sqs, "_deliver_batch", lambda pipe: bool(waiting and waiting.pop()))

    delete: Any = pipes_from_sqs._after_draining(deleted.append)
    delete("intake")

    assert deleted == ["intake"] and len(waiting) == left
