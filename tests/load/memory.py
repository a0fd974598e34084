"""Measures the memory of each process of the local cloud during the load."""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from pathlib import Path
from statistics import median

from darkroom_local import processes
from darkroom_local.tables import table

SAMPLE_INTERVAL_S = 1.0
SAMPLES = 12
"""A process with fewer samples is not judged."""
GROWTH_LIMIT_MB = 1.0
"""How far the minimum of the last third may be above the maximum before: beyond that, memory is never released."""
EMULATOR = "emulator"


class Memory:
    """Samples every process of the instance, within a `with`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held_mb: dict[tuple[str, int], list[float]] = defaultdict(list)
        self._is_over = threading.Event()

    def __enter__(self) -> Memory:
        """Starts to sample."""
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops sampling."""
        self._is_over.set()
        self._thread.join()

    def report(self) -> str:
        """A table by kind of process: their number, the medians early and late, and the maximum."""
        kinds: dict[str, list[list[float]]] = defaultdict(list)
        for (kind, _), held in self._held_mb.items():
            if len(held) >= SAMPLES:
                kinds[kind].append(held)
        rows = []
        for kind, all_held in sorted(kinds.items()):
            early = median(_median_of_first_third(held) for held in all_held)
            late = median(_median_of_last_third(held) for held in all_held)
            most = max(max(held) for held in all_held)
            rows.append((kind, str(len(all_held)), f"{early:.1f}", f"{late:.1f}", f"{most:.1f}"))
        head = ("memory, MB", "processes", "in the first third", "in the last", "at the most")
        return table(head, rows, right=range(1, 5))

    def growing_processes(self) -> list[str]:
        """A sentence for each process of a function whose memory only grows. The emulator keeps its state in memory.

        The memory of one process depends on the picture that it renders, so medians say nothing about it.
        """
        return [
            f"process {pid} of {kind} had at most {max(before):.1f} MB, and later at least {min(last):.1f} MB"
            for (kind, pid), held in self._held_mb.items()
            if kind != EMULATOR and len(held) >= SAMPLES and is_growing(held)
            for before, last in [_parted(held)]
        ]

    def _sample(self) -> None:
        while not self._is_over.wait(SAMPLE_INTERVAL_S):
            for pid in processes.of_instance(self._folder):
                held = _held_mb(pid)
                if held is not None:
                    self._held_mb[_kind(pid), pid].append(held)


def is_growing(held_mb: list[float]) -> bool:
    """Whether the memory never returns to what was enough before."""
    before, last = _parted(held_mb)
    return min(last) > max(before) + GROWTH_LIMIT_MB


def _parted(held: list[float]) -> tuple[list[float], list[float]]:
    """The first two thirds of the samples, and the last third."""
    at = len(held) - len(held) // 3
    return held[:at], held[at:]


def _median_of_first_third(held: list[float]) -> float:
    return median(held[: len(held) // 3])


def _median_of_last_third(held: list[float]) -> float:
    return median(held[-(len(held) // 3) :])


def _held_mb(pid: int) -> float | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    held = re.search(r"^VmRSS:\s+(\d+) kB$", status, re.MULTILINE)
    return int(held[1]) / 1024 if held else None


def _kind(pid: int) -> str:
    """The name of the function from its environment, or the emulator."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return EMULATOR
    for variable in environment:
        name, _, value = variable.decode(errors="replace").partition("=")
        if name == "AWS_LAMBDA_FUNCTION_NAME":
            # stack-ValidateFunction-ABC…
            return next((part for part in value.split("-") if part.endswith("Function")), value)
    return EMULATOR
