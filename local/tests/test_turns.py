"""Functions take turns on this machine's cores."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from darkroom_local.extension.functions_take_turns import Turns


def test_no_more_run_at_once_than_there_are_places_and_all_have_their_turn() -> None:
    turns, running, most, lock = Turns(2), 0, 0, threading.Lock()
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
        done = list(threads.map(turns.taken_by(work), range(20)))

    assert done == list(range(20)) and most == 2


def test_what_a_task_calls_needs_no_place_of_its_own() -> None:
    turns = Turns(1)
    function = turns.taken_by(lambda: "rendered")
    task = turns.taken_by(lambda: function())

    assert [task(), task()] == ["rendered", "rendered"]


def test_a_place_is_given_back_after_a_failure() -> None:
    turns = Turns(1)

    @turns.taken_by
    def fail() -> None:
        raise ValueError

    for _ in range(2):
        try:
            fail()
        except ValueError:
            continue
