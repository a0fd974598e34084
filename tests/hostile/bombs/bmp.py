"""BMP: false sides, runs that skip, and palettes and masks that are cut."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping


def file(width: int, height: int, pixels: bytes, *, bits: int = 24, compression: int = 0, colours: int = 0) -> bytes:
    """A BMP with a header of 40 bytes and a palette of black."""
    palette = bytes(4 * colours)
    header = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, 0, 0, 0, colours, 0)
    at = 14 + len(header) + len(palette)
    return b"BM" + struct.pack("<IHHI", at + len(pixels), 0, 0, at) + header + palette + pixels


FILES: Mapping[str, Callable[[], bytes]] = {
    "height-2147483647.bmp": lambda: file(1, 0x7FFFFFFF, b"abc"),
    "height-minus-2147483648.bmp": lambda: file(1, -0x80000000, b"abc"),
    "sides-2147483647.bmp": lambda: file(0x7FFFFFFF, 0x7FFFFFFF, b"abc"),
    "header-0x0.bmp": lambda: file(0, 0, b"abc"),
    "header-16000x16000-of-nothing.bmp": lambda: file(16_000, 16_000, b"abc"),
    "bomb-runs-16000x16000.bmp": lambda: file(
        16_000, 16_000, (b"\xff\0" * 62 + b"\xbe\0" + b"\0\0") * 16_000, bits=8, compression=1, colours=2
    ),
    "bomb-runs-beyond.bmp": lambda: file(8, 8, b"\xff\0" * 20_000_000, bits=8, compression=1, colours=2),
    "bomb-skips.bmp": lambda: file(8, 65_535, b"\0\x02\xff\0" * 10_000_000, bits=8, compression=1, colours=2),
    "bomb-rle4-16000x16000.bmp": lambda: file(16_000, 16_000, b"\xff\x01" * 900_000, bits=4, compression=2, colours=2),
    "palette-4-gb.bmp": lambda: file(8, 8, b"abc", bits=8)[:46] + b"\xff" * 8 + bytes(99),
    "pixels-at-4-gb.bmp": lambda: file(8, 8, bytes(192))[:10] + b"\xff\xff\xff\xff" + file(8, 8, bytes(192))[14:],
}
