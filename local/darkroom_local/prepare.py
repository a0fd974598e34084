"""Everything that has to be there before the local cloud can start: Python tools and compiled programs, at one time.

Cargo leaves a core idle now and then, and uv waits for the network: side by side they take little longer than cargo.
"""

from __future__ import annotations

import threading

from . import cargo, environments, phases
from .environments import Environment
from .phases import Phase, phase

# Measured on two idle cores, with everything to be downloaded.
EXPECTED_S = 360.0


def prepare(*more: Environment) -> None:
    """Compiles, and meanwhile installs the essential environments and `more`."""
    missing = environments.missing(*environments.ESSENTIAL, *more)
    if not missing:
        cargo.compile_all()
        return
    with phase("building Darkroom", EXPECTED_S) as current:
        _side_by_side(missing, current)


def _side_by_side(missing: list[Environment], current: Phase) -> None:
    """Cargo in this thread and uv in another; the first failure of either ends both."""
    failures: list[BaseException] = []

    def install() -> None:
        try:
            for environment in missing:
                current.says(f"installing {environment.folder.name}", by="uv")
                environment.make()
            current.says("", by="uv")
        except BaseException as error:  # raised again below, in the thread that prints
            failures.append(error)
            phases.end_all()

    installer = threading.Thread(target=install, daemon=True)
    installer.start()
    try:
        cargo.compile_within(current)
        installer.join()
    except BaseException:
        # If uv failed first, it ended cargo: report the first failure, not its consequence.
        cargo_failed_first = not failures
        phases.end_all()
        installer.join()
        if cargo_failed_first:
            raise
    finally:
        phases.may_begin()
    if failures:
        raise failures[0]
