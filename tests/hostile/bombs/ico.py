"""ICO: long directories, and pictures beyond the file."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping


def directory(count: int, at: int, byte_len: int, *, given: int | None = None) -> bytes:
    """A directory that claims `count` pictures, all at the same place, and has `given` of them."""
    entry = struct.pack("<BBBBHHII", 0, 0, 0, 0, 1, 32, byte_len, at)
    return struct.pack("<HHH", 0, 1, count) + entry * (count if given is None else given)


def bitmap(width: int, height: int, pixels: bytes) -> bytes:
    """A bitmap with a header of 40 bytes. Its height counts the mask."""
    return struct.pack("<IiiHHIIiiII", 40, width, 2 * height, 1, 32, 0, 0, 0, 0, 0, 0) + pixels


def with_bitmap(width: int, height: int, pixels: bytes) -> bytes:
    """An icon with one bitmap."""
    content = bitmap(width, height, pixels)
    return directory(1, 22, len(content)) + content


FILES: Mapping[str, Callable[[], bytes]] = {
    "entries-65535.ico": lambda: directory(65_535, 6 + 16 * 65_535, 296) + bitmap(8, 8, bytes(256)),
    "entries-65535-claimed.ico": lambda: directory(65_535, 22, 99, given=1),
    "picture-beyond.ico": lambda: directory(1, 0xFFFFFFFF, 0xFFFFFFFF),
    "picture-4-gb.ico": lambda: directory(1, 22, 0xFFFFFFFF) + bitmap(8, 8, bytes(256)),
    "picture-is-the-directory.ico": lambda: directory(1, 0, 99) + bytes(99),
    "bitmap-16000x16000.ico": lambda: with_bitmap(16_000, 16_000, b"abc"),
    "bitmap-height-2147483647.ico": lambda: with_bitmap(1, 0x3FFFFFFF, b"abc"),
    "png-of-nothing.ico": lambda: directory(1, 22, 8) + b"\x89PNG\r\n\x1a\n",
}
