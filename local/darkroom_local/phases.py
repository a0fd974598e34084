"""Shows each long piece of work in one line: its name, its progress, and how long it took.

On a terminal, the line is redrawn during the work; elsewhere it is printed again every half minute. A failure prints
the last lines of the failed command, and names the file that contains all of them.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .layout import DEFAULT_DIR, LocalCloudError

DURATIONS_FILE = DEFAULT_DIR / "durations.json"
LOG_FOLDER = DEFAULT_DIR / "logs"
SECONDS_BETWEEN_DRAWINGS = 0.2
SECONDS_BETWEEN_LINES = 30.0
SHOWN_OF_A_FAILURE = 25
# Messages of cargo, pip, uv and apt without a network.
NO_NETWORK = re.compile(r"resolve host|name resolution|network is unreachable|dns error|lookup address", re.IGNORECASE)
NETWORK_IS_NEEDED = (
    "the first run downloads crates and Python packages. It needs a network that reaches index.crates.io, "
    "static.crates.io and pypi.org, or a proxy in HTTPS_PROXY\n"
)


class Phase:
    """One piece of work while it runs."""

    def __init__(self, name: str, expected_s: float | None = None) -> None:
        self._name = name
        self._expected_s = _durations().get(name) or expected_s
        self._is_known = name in _durations()
        self._states: dict[str, str] = {}
        self._began = time.monotonic()
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._redraw_regularly, daemon=True)

    def show(self, state: str, by: str = "") -> None:
        """Sets the progress, in a few words. `by` names one of several workers at the same time."""
        self._states[by] = state

    def begin(self) -> None:
        """Prints the name at once, and starts to update the line."""
        print(f"{self._name} … ", end="", flush=True)
        self._ticker.start()

    def end(self, failed: bool) -> None:
        """Prints how long the work took."""
        self._over.set()
        self._ticker.join()
        took = time.monotonic() - self._began
        wipe = "\r\033[K" if sys.stdout.isatty() else ""
        lead = f"{self._name} … " if sys.stdout.isatty() or self._has_printed_lines else ""
        print(f"{wipe}{lead}{'failed' if failed else format_duration(took)}", flush=True)
        if not failed:
            _save_duration(self._name, took)

    @property
    def _has_printed_lines(self) -> bool:
        return not sys.stdout.isatty() and time.monotonic() - self._began > SECONDS_BETWEEN_LINES

    def _redraw_regularly(self) -> None:
        if sys.stdout.isatty():
            while not self._over.wait(SECONDS_BETWEEN_DRAWINGS):
                print(f"\r\033[K{self._line()[: _terminal_width() - 1]}", end="", flush=True)
        else:
            while not self._over.wait(SECONDS_BETWEEN_LINES):
                print(f"\n{self._line()}", end="\n", flush=True)

    def _line(self) -> str:
        states = "".join(f"{state}, " for state in self._states.values() if state)
        return f"{self._name} … {states}{format_duration(time.monotonic() - self._began)}{self._expectation()}"

    def _expectation(self) -> str:
        if self._expected_s is None or self._expected_s < 3:
            return ""
        when = "last time" if self._is_known else "expected"
        return f" ({when}: {format_duration(self._expected_s)})"


@contextmanager
def phase(name: str, expected_s: float | None = None) -> Iterator[Phase]:
    """Shows `name … 1.2 s` for the work within the `with`."""
    current = Phase(name, expected_s)
    current.begin()
    try:
        yield current
    except BaseException:
        current.end(failed=True)
        raise
    current.end(failed=False)


def run(command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> None:
    """Runs a command without output; fails with the last lines that it printed."""
    run_watched(command, cwd=cwd, env=env, watch=lambda _: False)


def run_watched(command: Sequence[str], *, cwd: Path, env: Mapping[str, str], watch: Callable[[str], bool]) -> None:
    """Runs a command and passes each line, or redrawn line, to `watch`. Lines for which it returns True are not logged.

    If this call ends early, for example by an interrupt, the command is killed.
    """
    log = LOG_FOLDER / f"{Path(command[0]).name}-{os.getpid()}-{threading.get_ident()}.log"
    LOG_FOLDER.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen(
        list(command), cwd=cwd, env=dict(env), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
    ) as process:  # fmt: skip
        _running.append(process)
        if _ending.is_set():
            process.terminate()
        try:
            # In text mode, a carriage return, which redraws a line, also ends a line.
            logged = [line for line in process.stdout or [] if not watch(line.rstrip("\n"))]
        except BaseException:
            process.kill()
            raise
        finally:
            process.wait()
            _running.remove(process)
    if process.returncode != 0:
        log.write_text("".join(logged))
        raise LocalCloudError(_failure(command, process.returncode, logged, log))


def stop_all_commands() -> None:
    """Stops all running commands, and each new one as soon as it starts, until `allow_commands` is called."""
    _ending.set()
    for process in list(_running):
        process.terminate()


def allow_commands() -> None:
    """Lets commands run again after `stop_all_commands`."""
    _ending.clear()


def format_duration(seconds: float) -> str:
    """`3.2 s`, or `2 min 05 s`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02} s"


_running: list[subprocess.Popen[str]] = []
_ending = threading.Event()


def _failure(command: Sequence[str], exit_code: int, logged: list[str], log: Path) -> str:
    sys.stdout.flush()
    left_out = len(logged) - SHOWN_OF_A_FAILURE
    shown = "".join(logged[-SHOWN_OF_A_FAILURE:]).rstrip()
    hint = NETWORK_IS_NEEDED if NO_NETWORK.search("".join(logged)) else ""
    where = f"(the last {SHOWN_OF_A_FAILURE} lines; all of it: {log})\n" if left_out > 0 else ""
    return f"{shown}\n\n{where}{hint}command failed with exit code {exit_code}: {' '.join(command)}"


def _terminal_width() -> int:
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns
    except OSError:
        return 80


def _durations() -> dict[str, float]:
    try:
        return json.loads(DURATIONS_FILE.read_text())
    except (OSError, ValueError):
        return {}


def _save_duration(name: str, took_s: float) -> None:
    # A phase that found everything done already does not predict the next one.
    if took_s < 3:
        return
    DURATIONS_FILE.parent.mkdir(parents=True, exist_ok=True)
    DURATIONS_FILE.write_text(json.dumps({**_durations(), name: round(took_s, 1)}, indent=2) + "\n")
