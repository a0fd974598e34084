"""What a function's binary is made for, read from the binary itself by GNU's binutils."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .layout import LocalCloudError

NEWEST_GLIBC = (2, 34)
"""The C library of `provided.al2023`."""

# Only hand-written NEON has it: mozjpeg's transforms multiply so, and no compiler makes it of plain C or Rust.
NEON_BY_HAND = re.compile(r"\tsqr?dmulh\tv")


@dataclass(frozen=True)
class Binary:
    """What matters of a binary to Lambda."""

    byte_len: int
    machine: str
    glibc: tuple[int, int]
    """The newest version of glibc whose symbols it names."""
    stripped: bool

    def __str__(self) -> str:
        """One line of it."""
        stripped = "stripped" if self.stripped else "with symbols"
        glibc = ".".join(map(str, self.glibc))
        return f"{self.machine}, {self.byte_len / 1e6:.1f} MB {stripped}, wants glibc {glibc}"


def look(path: Path) -> Binary:
    """Reads it; an error if Lambda could not run it on arm64."""
    sections = _printed("readelf", "--wide", "--sections", str(path))
    header = _printed("readelf", "--file-header", str(path))
    machine = re.search(r"Machine:\s+(.+)", header)
    wanted = re.findall(r"GLIBC_(\d+)\.(\d+)", _printed("readelf", "--version-info", str(path)))
    binary = Binary(
        byte_len=path.stat().st_size,
        machine=machine[1] if machine else "no ELF",
        # A static binary names none.
        glibc=max(((int(major), int(minor)) for major, minor in wanted), default=(0, 0)),
        stripped=".symtab" not in sections,
    )
    if binary.machine != "AArch64" or binary.glibc > NEWEST_GLIBC or not binary.stripped:
        raise LocalCloudError(f"{path} is not fit for Lambda on arm64: {binary}")
    return binary


def neon_by_hand(path: Path) -> int:
    """How many of its instructions are hand-written NEON's."""
    objdump = next((tool for tool in ("aarch64-linux-gnu-objdump", "llvm-objdump") if shutil.which(tool)), None)
    if objdump is None:
        raise LocalCloudError("nothing disassembles arm64: apt-get install binutils-aarch64-linux-gnu")
    return len(NEON_BY_HAND.findall(_printed(objdump, "--disassemble", "--no-show-raw-insn", str(path))))


def _printed(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LocalCloudError(done.stderr)
    return done.stdout
