"""Limits how many functions run at once; other invocations wait.

On AWS each concurrent invocation has its own processors. Here, 200 uploads at once would start a thousand processes on a
few cores: each would exceed Lambda's 10 s for initialisation, be killed for it, and be started again. A task waits before
its `TimeoutSeconds` begin to count. The concurrency limits of an account and of a function are enforced before this one:
they throttle instead of waiting.
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
"""Functions wait for the server most of their time, so there are more places than cores."""


def install() -> None:
    """Wraps what runs a task, and what runs a function that no task asked for."""
    turns = Turns(PLACES)
    patching.replace(stepfunctions, "_invoke_resource_with_timeout", "resource, input_data, timeout", turns.taken_by)
    patching.replace(lambda_svc, "_execute_function_provided_warm", "func, event, request_id", turns.taken_by)


class Turns:
    """A limited number of places. A call within a call that has a place, also in another thread, shares that place."""

    def __init__(self, places: int) -> None:
        self._places = threading.BoundedSemaphore(places)
        self._has_one: ContextVar[bool] = ContextVar("has_one", default=False)

    def taken_by(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same call, which waits for a place and gives it back."""

        def in_turn(*args: Any) -> Any:
            if self._has_one.get():
                return call(*args)
            with self._places:
                token = self._has_one.set(True)
                try:
                    return call(*args)
                finally:
                    self._has_one.reset(token)

        return in_turn
