"""Prepares what the local cloud needs before it can start: installs Python tools and compiles, at the same time.

Cargo leaves a core idle at times, and uv waits for the network: together they take little longer than cargo alone.
"""

from __future__ import annotations

import threading

from . import cargo, environments, phases
from .environments import Environment
from .phases import Phase, phase

# Measured on two idle cores, with nothing downloaded before.
EXPECTED_S = 360.0


def prepare(*more: Environment) -> None:
    """Compiles, and installs the essential environments and `more` at the same time."""
    missing = environments.missing(*environments.ESSENTIAL, *more)
    if not missing:
        cargo.compile_all()
        return
    with phase("building Darkroom", EXPECTED_S) as current:
        _install_while_compiling(missing, current)


def _install_while_compiling(missing: list[Environment], current: Phase) -> None:
    """Runs cargo in this thread and uv in another. The first failure of either stops both."""
    failures: list[BaseException] = []

    def install() -> None:
        try:
            for environment in missing:
                current.show(f"installing {environment.folder.name}", by="uv")
                environment.make()
            current.show("", by="uv")
        except BaseException as error:  # raised again below, in the thread that prints
            failures.append(error)
            phases.stop_all_commands()

    installer = threading.Thread(target=install, daemon=True)
    installer.start()
    try:
        cargo.compile_in_phase(current)
        installer.join()
    except BaseException:
        # If uv failed first, it stopped cargo: report the first failure, not its consequence.
        cargo_failed_first = not failures
        phases.stop_all_commands()
        installer.join()
        if cargo_failed_first:
            raise
    finally:
        phases.allow_commands()
    if failures:
        raise failures[0]
