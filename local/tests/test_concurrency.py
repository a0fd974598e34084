"""The limit of functions that run at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from darkroom_local.extension.functions_concurrency import ConcurrencyLimit


def test_no_more_functions_run_at_once_than_there_are_places_and_all_of_them_run() -> None:
    limit, running, most, lock = ConcurrencyLimit(2), 0, 0, threading.Lock()
    both = threading.Barrier(2, timeout=600)

    def work(number: int) -> int:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        both.wait()  # until the other place is taken too
        with lock:
            running -= 1
        return number

    with ThreadPoolExecutor(20) as threads:
        done = list(threads.map(limit.applied_to(work), range(20)))

    assert done == list(range(20)) and most == 2


def test_a_nested_call_shares_the_place_of_its_caller() -> None:
    limit = ConcurrencyLimit(1)
    function = limit.applied_to(lambda: "rendered")
    task = limit.applied_to(lambda: function())

    assert [task(), task()] == ["rendered", "rendered"]


def test_a_place_is_released_after_a_failure() -> None:
    limit = ConcurrencyLimit(1)

    @limit.applied_to
    def fail() -> None:
        raise ValueError

    for _ in range(2):
        try:
            fail()
        except ValueError:
            continue
