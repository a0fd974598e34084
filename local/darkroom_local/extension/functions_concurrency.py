"""Limits how many functions run at once; other invocations wait.

On AWS, each concurrent invocation has its own processors. Here, 200 uploads at once would start a thousand processes on
a few cores. Each would exceed Lambda's 10 s for initialisation, be killed, and be started again. A task waits before
its `TimeoutSeconds` begin to count. The concurrency limits of an account and of a function apply before this one, and
throttle instead of waiting.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack.services import lambda_svc, stepfunctions

from . import patching

PLACES = max(8, 4 * (os.cpu_count() or 1))
"""Functions wait for the server most of the time, so there are more places than cores."""


def install() -> None:
    """Wraps the execution of tasks, and of functions that are not called by a task."""
    limit = ConcurrencyLimit(PLACES)
    patching.replace(stepfunctions, "_invoke_resource_with_timeout", "resource, input_data, timeout", limit.applied_to)
    patching.replace(lambda_svc, "_execute_function_provided_warm", "func, event, request_id", limit.applied_to)


class ConcurrencyLimit:
    """A limited number of places. A nested call, also in another thread, shares the place of the outer call."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._has_one: ContextVar[bool] = ContextVar("has_one", default=False)

    def applied_to(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Wraps a call so that it waits for a place, and releases it afterwards."""

        def limited(*args: Any) -> Any:
            if self._has_one.get():
                return call(*args)
            with self._places:
                token = self._has_one.set(True)
                try:
                    return call(*args)
                finally:
                    self._has_one.reset(token)

        return limited
