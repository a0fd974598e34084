"""One file in a process of its own, with as much memory and time as a function has, and how that ends."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class End(Enum):
    """How a process ended, the good ends first."""

    COMPLETED = "completed"
    REJECTED = "rejected"
    FAILED = "failed"
    """A red execution: ours to mend."""
    PANICKED = "panicked"
    """Also where that was caught, and became a verdict."""
    OUT_OF_MEMORY = "out of memory"
    UNDERESTIMATED = "underestimated"
    """It took more memory than was estimated from its header."""
    ABORTED = "aborted"
    TIMED_OUT = "timed out"

    @property
    def is_good(self) -> bool:
        """Whether a hostile file may end so."""
        return self in (End.COMPLETED, End.REJECTED)


@dataclass(frozen=True)
class Limits:
    """What a function has."""

    memory_mb: int
    """In units of 2²⁰ bytes, as Lambda counts them."""
    invocation_s: int
    """What one invocation may take."""
    run_s: int
    """What all invocations for one file may take."""


@dataclass(frozen=True)
class Run:
    """What became of one file."""

    file: Path
    end: End
    code: str
    """The rejection's, or the failure's name."""
    message: str
    peak_mb: float = 0.0
    """What the process held at once."""
    taken_mb: float = 0.0
    """What one rendition took, at the most, beside what the process held before it."""
    estimate_mb: float = 0.0
    """What its most demanding rendition was estimated to take; 0 where it was refused by its header."""
    longest_s: float = 0.0
    requests: int = 0

    @property
    def verdict(self) -> str:
        """What it is counted as."""
        return self.code if self.end is End.REJECTED else self.end.value


def run(program: Path, file: Path, limits: Limits, profiles: Mapping[str, object] | None) -> Run:
    """Lets the program say what becomes of the file."""
    # RLIMIT_DATA counts what a process may write to, resident or not: stricter than Lambda, which counts what is.
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
        return Run(file, End.TIMED_OUT, "", f"still at it after {limits.run_s} s")
    return judge(file, ended, limits)


def judge(file: Path, ended: subprocess.CompletedProcess[bytes], limits: Limits) -> Run:
    """How the process ended, by its exit code and by all that it said."""
    complaint = ended.stderr.decode(errors="replace").strip()
    if ended.returncode != 0:
        end = End.OUT_OF_MEMORY if "memory allocation of" in complaint else End.ABORTED
        return Run(file, end, str(ended.returncode), complaint[-300:])
    said = json.loads(ended.stdout.splitlines()[-1])
    result, cost = said["result"], said["cost"]
    end, message = End(result["outcome"]), result.get("message", "")
    longest_s = cost["longest_ms"] / 1000
    peak, taken, estimate = (cost[name] / 1024 for name in ("peak_kib", "taken_kib", "estimate_kib"))
    if "panicked at" in complaint:
        end, message = End.PANICKED, complaint[:300]
    elif result.get("code") != "too_much_memory" and "memory" in message.lower():
        # A codec in C that got none says so, and may pass for a codec that found damage.
        end = End.OUT_OF_MEMORY
    elif longest_s > limits.invocation_s:
        end, message = End.TIMED_OUT, f"one invocation took {longest_s:.0f} s"
    elif 0 < estimate < taken:
        end, message = End.UNDERESTIMATED, f"{taken:.0f} MB taken, {estimate:.0f} MB estimated"
    code, requests = result.get("code", ""), cost["requests"]
    return Run(file, end, code, message, peak, taken, estimate, longest_s, requests)
