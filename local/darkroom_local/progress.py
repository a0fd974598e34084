"""A progress bar for long runs, on one line of a terminal."""

from __future__ import annotations

import sys
import time

WIDTH = 30
PAUSE_S = 0.1


class Bar:
    """A bar on the standard error, if that is a terminal; used within a `with`."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._began = time.monotonic()
        self._drawn = 0.0
        self._is_watched = sys.stderr.isatty()

    def __enter__(self) -> Bar:
        """Draws the empty bar."""
        self._draw("")
        return self

    def __exit__(self, *_: object) -> None:
        """Removes the bar."""
        if self._is_watched:
            print("\r\033[K", end="", file=sys.stderr, flush=True)

    def advance(self, message: str = "") -> None:
        """Counts one more item as done; `message` names it."""
        self._done += 1
        if time.monotonic() - self._drawn > PAUSE_S or self._done == self._total:
            self._draw(message)

    def _draw(self, message: str) -> None:
        if not self._is_watched:
            return
        self._drawn = time.monotonic()
        full = WIDTH * self._done // max(self._total, 1)
        left = (self._drawn - self._began) / self._done * (self._total - self._done) if self._done else 0
        bar = "█" * full + "░" * (WIDTH - full)
        print(f"\r\033[K{bar} {self._done}/{self._total} {left:.0f} s {message[:60]}", end="", file=sys.stderr, flush=True)
