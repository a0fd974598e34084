"""Functions take turns: this machine runs some at a time, and the others wait for a place.

On AWS each concurrent invocation has processors of its own. Here, two hundred uploads at once would be a thousand
processes on a few cores: each would take longer to start than Lambda waits for, be ended for it, and be started again.
A task waits before its `TimeoutSeconds` begin to count. How many places an account or a function has is counted
elsewhere, and before: who finds none is throttled.
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
    """A number of places. Whoever has one, in any thread of the same context, needs no second."""

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
