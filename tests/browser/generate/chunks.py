"""Writes PNG chunk by chunk, so that every field can be chosen."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
END_LEN = 12
"""The length of IEND."""


def chunk(name: bytes, body: bytes = b"", *, crc_error: bool = False) -> bytes:
    """A chunk."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body) ^ crc_error)


def header(width: int, height: int, depth: int, colours: int, interlaced: int = 0) -> bytes:
    """The IHDR chunk."""
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, interlaced))


def rows(samples: Sequence[Sequence[Sequence[int]]], depth: int, interlaced: int = 0) -> bytes:
    """The pixels before compression: each row with the filter 0."""
    height, width = len(samples), len(samples[0])
    out = b""
    for left, top, right, down in ADAM7 if interlaced else ((0, 0, 1, 1),):
        if left < width:
            out += b"".join(b"\0" + _packed(samples[y][left::right], depth) for y in range(top, height, down))
    return out


def _packed(row: Sequence[Sequence[int]], depth: int) -> bytes:
    values = [value for pixel in row for value in pixel]
    if depth == 16:
        return b"".join(struct.pack(">H", value) for value in values)
    bits = "".join(f"{value:0{depth}b}" for value in values)
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
