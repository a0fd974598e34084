"""Finds and ends the processes of one instance, through /proc.

The server runs each Lambda function as a process of its own, and a killed server leaves them running. All of them have
a mark in their environment. So they are found whatever their parent is, and a process id that the kernel has reused for
another program is never signalled.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

FOLDER_VARIABLE = "DARKROOM_LOCAL_CLOUD"
PROC = Path("/proc")
LISTENING = "0A"


def of_instance(folder: Path) -> list[int]:
    """The running processes of the instance in this folder."""
    mark = f"{FOLDER_VARIABLE}={folder}".encode()
    return [pid for pid in _process_ids() if mark in _read(PROC / str(pid) / "environ").split(b"\0")]


def end(folder: Path, grace_s: float = 5.0) -> int:
    """Ends every process of the instance: by SIGTERM, and after `grace_s` by SIGKILL. Returns their number."""
    ended: set[int] = set()
    for to_send, wait_s in ((signal.SIGTERM, grace_s), (signal.SIGKILL, grace_s)):
        deadline = time.monotonic() + wait_s
        pids = of_instance(folder)
        ended.update(pids)
        for pid in pids:
            _send(pid, to_send)
        while of_instance(folder) and time.monotonic() < deadline:
            time.sleep(0.05)
    remaining = of_instance(folder)
    if remaining:
        raise RuntimeError(f"processes {remaining} of {folder} could not be ended")
    return len(ended)


def holder_of_port(port: int) -> str | None:
    """The process that listens on this port, as `name (pid 123)`; None if this user may not see it."""
    inodes = _listening_inodes(port)
    for pid in _process_ids():
        try:
            descriptors = list((PROC / str(pid) / "fd").iterdir())
        except OSError:
            continue
        for descriptor in descriptors:
            if _socket_inode(descriptor) in inodes:
                command = _read(PROC / str(pid) / "cmdline").replace(b"\0", b" ").decode(errors="replace").strip()
                return f"`{command[:120]}` (pid {pid})"
    return None


def _process_ids() -> list[int]:
    return [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]


def _read(path: Path) -> bytes:
    # A process can end at any moment, and those of other users are not readable.
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _send(pid: int, to_send: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, to_send)


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("tcp", "tcp6"):
        for line in _read(PROC / "net" / table).decode().splitlines()[1:]:
            columns = line.split()
            if columns[3] == LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                inodes.add(columns[9])
    return inodes


def _socket_inode(descriptor: Path) -> str | None:
    try:
        target = str(descriptor.readlink())
    except OSError:
        return None
    return target[len("socket:[") : -1] if target.startswith("socket:[") else None
