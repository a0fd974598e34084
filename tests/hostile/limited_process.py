"""Processes one file in a process with the memory and time of a function, and classifies how the process ends."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class ProcessEnd(Enum):
    """How a process ended; the acceptable ends first."""

    COMPLETED = "completed"
    REJECTED = "rejected"
    FAILED = "failed"
    """A failed execution, which is a failure on our side."""
    PANICKED = "panicked"
    """Also if the panic was caught and became a verdict."""
    OUT_OF_MEMORY = "out of memory"
    UNDERESTIMATED = "underestimated"
    """Rendering took more memory than was estimated from the header."""
    ABORTED = "aborted"
    TIMED_OUT = "timed out"

    @property
    def is_acceptable(self) -> bool:
        """Whether a hostile file may end like this."""
        return self in (ProcessEnd.COMPLETED, ProcessEnd.REJECTED)


@dataclass(frozen=True)
class Limits:
    """The limits of a function."""

    memory_mb: int
    """In units of 2²⁰ bytes, as Lambda counts them."""
    invocation_s: int
    """The time of one invocation."""
    run_s: int
    """The time of all invocations for one file."""


@dataclass(frozen=True)
class Run:
    """The result for one file."""

    file: Path
    end: ProcessEnd
    code: str
    """The code of the rejection, or the name of the failure."""
    message: str
    peak_mb: float = 0.0
    """The peak memory of the process."""
    taken_mb: float = 0.0
    """The most that one rendition took above the memory of the process before it."""
    estimate_mb: float = 0.0
    """The highest estimate for a rendition; 0 if the file was refused by its header."""
    longest_s: float = 0.0
    requests: int = 0

    @property
    def verdict(self) -> str:
        """The word that the file is counted under."""
        return self.code if self.end is ProcessEnd.REJECTED else self.end.value


def run(program: Path, file: Path, limits: Limits, profiles: Mapping[str, object] | None) -> Run:
    """Runs the program on a file, within the limits."""
    # RLIMIT_DATA counts all writable memory, resident or not. That is stricter than Lambda, which counts resident
    # memory.
    command = ["prlimit", f"--data={limits.memory_mb << 20}", "--core=0", str(program), str(file)]
    environment = {
        "PATH": os.environ["PATH"],
        "RESIZE_MEMORY_SIZE": str(limits.memory_mb),
        "DESTINATION_BUCKET": "renditions",
        "RECORD_TABLE": "records",
        **({"PROFILES": json.dumps(profiles), "DEFAULT_PROFILE": next(iter(profiles))} if profiles else {}),
    }
    try:
        ended = subprocess.run(command, env=environment, capture_output=True, timeout=limits.run_s, check=False)
    except subprocess.TimeoutExpired:
        return Run(file, ProcessEnd.TIMED_OUT, "", f"still running after {limits.run_s} s")
    return classify(file, ended, limits)


def classify(file: Path, ended: subprocess.CompletedProcess[bytes], limits: Limits) -> Run:
    """Classifies the end of a process by its exit code and its output."""
    complaint = ended.stderr.decode(errors="replace").strip()
    if ended.returncode != 0:
        end = ProcessEnd.OUT_OF_MEMORY if "memory allocation of" in complaint else ProcessEnd.ABORTED
        return Run(file, end, str(ended.returncode), complaint[-300:])
    said = json.loads(ended.stdout.splitlines()[-1])
    result, cost = said["result"], said["cost"]
    end, message = ProcessEnd(result["outcome"]), result.get("message", "")
    longest_s = cost["longest_ms"] / 1000
    peak, taken, estimate = (cost[name] / 1024 for name in ("peak_kib", "taken_kib", "estimate_kib"))
    if "panicked at" in complaint:
        end, message = ProcessEnd.PANICKED, complaint[:300]
    elif result.get("code") != "too_much_memory" and "memory" in message.lower():
        # A C codec that got no memory reports an error, which looks like a corrupt file.
        end = ProcessEnd.OUT_OF_MEMORY
    elif longest_s > limits.invocation_s:
        end, message = ProcessEnd.TIMED_OUT, f"one invocation took {longest_s:.0f} s"
    elif 0 < estimate < taken:
        end, message = ProcessEnd.UNDERESTIMATED, f"{taken:.0f} MB taken, {estimate:.0f} MB estimated"
    code, requests = result.get("code", ""), cost["requests"]
    return Run(file, end, code, message, peak, taken, estimate, longest_s, requests)
