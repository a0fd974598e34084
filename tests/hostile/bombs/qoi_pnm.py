"""QOI and PNM: false sides, runs, endless comments and numbers."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping


def qoi(width: int, height: int, codes: bytes) -> bytes:
    """A QOI with four channels."""
    return b"qoif" + struct.pack(">IIBB", width, height, 4, 0) + codes


FILES: Mapping[str, Callable[[], bytes]] = {
    "bomb-16000x16000.qoi": lambda: qoi(16_000, 16_000, b"\xfd" * (16_000 * 16_000 // 62 + 1)),
    "header-4294967295x4294967295.qoi": lambda: qoi(0xFFFFFFFF, 0xFFFFFFFF, b"\xfd"),
    "header-0x0.qoi": lambda: qoi(0, 0, b"\xfd"),
    "row-200000000.qoi": lambda: qoi(200_000_000, 1, b"\xfd" * 99),
    "comment-30-mb.pnm": lambda: b"P5\n#" + b"a" * 30_000_000 + b"\n8 8 255\n" + bytes(64),
    "comments-9000000.pnm": lambda: b"P5\n" + b"#\n" * 9_000_000 + b"8 8 255\n" + bytes(64),
    "comments-among-pixels.pnm": lambda: b"P2\n8 8 255\n" + b"#\n" * 20_000_000 + b"1 " * 64,
    "blanks-30-mb.pnm": lambda: b"P5\n" + b" " * 30_000_000 + b"8 8 255\n" + bytes(64),
    "digits-30-mb.pnm": lambda: b"P2\n8 8 255\n" + b"9" * 30_000_000,
    "lines-9000000.pam": lambda: b"P7\n" + b"A B\n" * 9_000_000 + b"ENDHDR\n",
    "header-4294967295x4294967295.pnm": lambda: b"P6\n4294967295 4294967295 255\n",
    "header-16000x16000-of-nothing.pnm": lambda: b"P6\n16000 16000 255\n",
    "bits-16383x16383.pbm": lambda: b"P4\n16383 16383\n" + bytes(2048 * 16_383),
    "row-260000000.pgm": lambda: b"P5\n260000000 1 255\n" + bytes(99),
}
