"""Running invocations finish when their function is updated; then their process ends.

MiniStack kills the processes of an updated function at once, so executions that wait for one of them fail. On AWS, an
update sends only new invocations to new environments.
<https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
"""

from __future__ import annotations

from typing import Any, Callable

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from . import patching

Workers = list[Any]


def install() -> None:
    """Delays the end of a busy process until its invocation is over."""
    end = lambda_runtime.kill_workers
    patching.replace(lambda_runtime, "kill_workers", "workers", _ending_idle_workers)
    patching.replace(lambda_svc, "release_worker", "worker", lambda release: _ending_outdated_workers(release, end))


def _ending_idle_workers(end: Callable[[Workers], None]) -> Callable[[Workers], None]:
    def kill_workers(workers: Workers) -> None:
        for worker in workers:
            worker.is_outdated = True
        end([worker for worker in workers if not worker.in_use])

    return kill_workers


def _ending_outdated_workers(release: Callable[[Any], None], end: Callable[[Workers], None]) -> Callable[[Any], None]:
    def release_worker(worker: Any) -> None:
        release(worker)
        if getattr(worker, "is_outdated", False):
            end([worker])

    return release_worker
