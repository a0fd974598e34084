"""GIF: runs of one colour, a hundred thousand frames, and blocks without an end."""

from __future__ import annotations

import struct
from collections.abc import Callable

from .bits import Bits

TRAILER = b"\x3b"
PALETTE = bytes([0, 0, 0, 255, 255, 255])
MAX_CODES = 4096


def screen(width: int, height: int) -> bytes:
    """The header, the screen and a palette of two colours."""
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + PALETTE


def frame(
    width: int, height: int, *, left: int = 0, top: int = 0, interlaced: bool = False,
    codes: bytes | None = None, code_size: int = 2,
) -> bytes:  # fmt: skip
    """A frame of one colour, or with the given codes."""
    descriptor = struct.pack("<BHHHHB", 0x2C, left, top, width, height, 0x40 if interlaced else 0)
    body = run(width * height) if codes is None else codes
    return descriptor + bytes([code_size]) + blocks(body)


def run(pixels: int) -> bytes:
    """The codes of that many pixels of colour 0. Each code is one pixel longer than the last: 5 kB are 8 MB."""
    clear, end, bits, width = 4, 5, Bits(), 3
    while pixels > 0:
        bits.write(clear, width)
        width = 3
        bits.write(0, width)
        pixels -= 1
        newest = end
        while pixels > 0 and newest + 1 < MAX_CODES:
            # This code is defined while it is read: the pixels of the last one, and one more.
            newest += 1
            length = min(newest - end + 1, pixels)
            bits.write(end + length - 1 if length > 1 else 0, width)
            pixels -= length
            if newest + 1 == 1 << width and width < 12:
                width += 1
    return bits.write(end, width).bytes()


def blocks(body: bytes) -> bytes:
    """Sub-blocks of 255 bytes, and the terminator."""
    parts = [body[at : at + 255] for at in range(0, len(body), 255)]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def comment(byte_len: int) -> bytes:
    """A comment extension of that length."""
    return b"\x21\xfe" + blocks(b"a" * byte_len)


ONE_PIXEL = frame(1, 1)

FILES: dict[str, Callable[[], bytes]] = {
    "bomb-16383x14000.gif": lambda: screen(16_383, 14_000) + frame(16_383, 14_000) + TRAILER,
    "bomb-interlaced-12000x12000.gif": lambda: screen(12_000, 12_000) + frame(12_000, 12_000, interlaced=True) + TRAILER,
    "bomb-speck-on-16383x16383.gif": lambda: screen(16_383, 16_383) + ONE_PIXEL + TRAILER,
    "bomb-frame-beyond-screen.gif": lambda: screen(8, 8) + frame(65_535, 4_000) + TRAILER,
    "bomb-frame-elsewhere.gif": lambda: screen(8, 8) + frame(65_535, 4_000, left=65_535, top=65_535) + TRAILER,
    "header-65535x65535.gif": lambda: screen(65_535, 65_535) + ONE_PIXEL + TRAILER,
    "header-65535x65535-frame.gif": lambda: screen(8, 8) + frame(65_535, 65_535, codes=run(64)) + TRAILER,
    "header-0x0.gif": lambda: screen(0, 0) + ONE_PIXEL + TRAILER,
    "header-only.gif": lambda: screen(8, 8),
    "frames-100000.gif": lambda: screen(8, 8) + ONE_PIXEL * 100_000 + TRAILER,
    "frames-100000-behind-comments.gif": lambda: screen(8, 8) + comment(200_000) + ONE_PIXEL * 100_000 + TRAILER,
    "frames-900-of-4000x4000.gif": lambda: screen(4_000, 4_000) + comment(200_000) + frame(4_000, 4_000) * 900 + TRAILER,
    "frame-0x0.gif": lambda: screen(8, 8) + frame(0, 0) + TRAILER,
    "frame-none.gif": lambda: screen(8, 8) + TRAILER,
    "codes-size-0.gif": lambda: screen(8, 8) + frame(8, 8, code_size=0) + TRAILER,
    "codes-size-12.gif": lambda: screen(8, 8) + frame(8, 8, code_size=12) + TRAILER,
    "codes-size-255.gif": lambda: screen(8, 8) + frame(8, 8, code_size=255) + TRAILER,
    "codes-garbage.gif": lambda: screen(8, 8) + frame(8, 8, codes=bytes(range(255, 0, -1))) + TRAILER,
    "codes-clear-100-mb.gif": lambda: screen(8, 8) + frame(8, 8, codes=b"\x24\x49\x92" * 30_000_000) + TRAILER,
    "codes-none.gif": lambda: screen(8, 8) + frame(8, 8, codes=b"") + TRAILER,
    "codes-too-few.gif": lambda: screen(8, 8) + frame(8, 8, codes=run(9)) + TRAILER,
    "codes-too-many.gif": lambda: screen(8, 8) + frame(8, 8, codes=run(100_000_000)) + TRAILER,
    "colours-beyond-palette.gif": lambda: screen(8, 8) + frame(8, 8, code_size=7, codes=b"\x80\xff\xff") + TRAILER,
    "comments-90-mb.gif": lambda: screen(8, 8) + comment(90_000_000) + ONE_PIXEL + TRAILER,
    "comments-a-million.gif": lambda: screen(8, 8) + comment(1) * 1_000_000 + ONE_PIXEL + TRAILER,
    "extension-unknown.gif": lambda: screen(8, 8) + b"\x21\x77" + blocks(b"harm") + ONE_PIXEL + TRAILER,
    "block-unknown.gif": lambda: screen(8, 8) + b"\x99" * 99 + ONE_PIXEL + TRAILER,
    "trailer-missing.gif": lambda: screen(8, 8) + ONE_PIXEL,
}  # fmt: skip
