"""Measures one process by the kernel: CPU time, wall time and peak memory, from its start to its end."""

from __future__ import annotations

import ctypes
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from darkroom_local.layout import LocalCloudError

PR_SET_CHILD_SUBREAPER = 36
# The shell's child waits for a line before it runs the command, so that the shell is not measured.
SHELL = '{ read -r _ <"$GO"; unset GO OUT; exec "$@"; } >"$OUT" 2>&1 </dev/null & echo $!'


@dataclass(frozen=True)
class Measured:
    """The measurements and the output of a process."""

    cpu_ms: float
    wall_ms: float
    peak_mb: float
    output: str


def measure(command: Sequence[str], *, environment: Mapping[str, str] | None = None) -> Measured:
    """Runs a command to its end.

    A forked process inherits the peak memory of its parent, and Python's is larger than some of what is measured here.
    So a shell forks the process and ends, and this process, as the subreaper, becomes its parent.
    """
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise LocalCloudError("this kernel has no subreapers: the bench needs Linux 3.4 or newer")
    with tempfile.TemporaryDirectory() as folder:
        go, out = Path(folder, "go"), Path(folder, "out")
        os.mkfifo(go)
        variables = {**os.environ, **(environment or {}), "GO": str(go), "OUT": str(out)}
        shell = subprocess.run(
            ["/bin/sh", "-c", SHELL, "sh", *command], env=variables, stdout=subprocess.PIPE, text=True, check=True
        )
        pid = int(shell.stdout)
        writing = go.open("w")
        began = time.perf_counter()
        writing.write("\n")
        writing.close()
        try:
            _, status, usage = os.wait4(pid, 0)
        except BaseException:
            os.kill(pid, 9)
            os.wait4(pid, 0)
            raise
        wall = time.perf_counter() - began
        output = out.read_text(errors="replace")
    if status != 0:
        code = os.waitstatus_to_exitcode(status)
        raise LocalCloudError(f"{output.rstrip()}\n\nexit code {code}: {' '.join(command)}")
    # ru_maxrss is in units of 1,024 bytes on Linux.
    return Measured((usage.ru_utime + usage.ru_stime) * 1000, wall * 1000, usage.ru_maxrss * 1024 / 1e6, output)
