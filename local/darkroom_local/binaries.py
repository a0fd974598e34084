"""What a function's binary was built for, as GNU binutils read it from the file."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .layout import LocalCloudError

NEWEST_GLIBC = (2, 34)
"""The version of the C library in `provided.al2023`."""

# Only hand-written NEON uses these instructions: mozjpeg's transforms multiply so, and no compiler generates them from
# plain C or Rust.
HAND_WRITTEN_NEON = re.compile(r"\tsqr?dmulh\tv")


@dataclass(frozen=True)
class Binary:
    """The properties of a binary that matter to Lambda."""

    byte_len: int
    machine: str
    glibc: tuple[int, int]
    """The newest version of glibc whose symbols it refers to."""
    stripped: bool

    def __str__(self) -> str:
        """All properties in one line."""
        stripped = "stripped" if self.stripped else "with symbols"
        glibc = ".".join(map(str, self.glibc))
        return f"{self.machine}, {self.byte_len / 1e6:.1f} MB {stripped}, needs glibc {glibc}"


def inspect(path: Path) -> Binary:
    """Reads a binary; fails if Lambda could not run it on arm64."""
    sections = _printed("readelf", "--wide", "--sections", str(path))
    header = _printed("readelf", "--file-header", str(path))
    machine = re.search(r"Machine:\s+(.+)", header)
    wanted = re.findall(r"GLIBC_(\d+)\.(\d+)", _printed("readelf", "--version-info", str(path)))
    binary = Binary(
        byte_len=path.stat().st_size,
        machine=machine[1] if machine else "no ELF",
        # A static binary refers to none.
        glibc=max(((int(major), int(minor)) for major, minor in wanted), default=(0, 0)),
        stripped=".symtab" not in sections,
    )
    if binary.machine != "AArch64" or binary.glibc > NEWEST_GLIBC or not binary.stripped:
        raise LocalCloudError(f"{path} cannot run on Lambda on arm64: {binary}")
    return binary


def hand_written_neon_count(path: Path) -> int:
    """The number of instructions that only hand-written NEON uses."""
    objdump = next((tool for tool in ("aarch64-linux-gnu-objdump", "llvm-objdump") if shutil.which(tool)), None)
    if objdump is None:
        raise LocalCloudError("a disassembler for arm64 is missing: apt-get install binutils-aarch64-linux-gnu")
    return len(HAND_WRITTEN_NEON.findall(_printed(objdump, "--disassemble", "--no-show-raw-insn", str(path))))


def _printed(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LocalCloudError(done.stderr)
    return done.stdout
