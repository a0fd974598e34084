"""WebP: a picture of 268 megapixels in 30 bytes, animations by the hundred thousand, chunks that lie."""

from __future__ import annotations

import struct
from collections.abc import Callable

from .bits import Bits

ICC, ALPHA, EXIF, ANIMATION = 0x20, 0x10, 0x08, 0x02


def riff(*chunks: bytes, claimed: int | None = None) -> bytes:
    """The file, with whatever length it is to claim."""
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if claimed is None else claimed) + body


def chunk(name: bytes, body: bytes, *, claimed: int | None = None) -> bytes:
    """One chunk, filled up to an even length."""
    length = len(body) if claimed is None else claimed
    return name + struct.pack("<I", length) + body + b"\0" * (len(body) % 2)


def lossless(width: int, height: int, *, alpha: int = 0) -> bytes:
    """A VP8L chunk of one colour: five codes of one symbol each, which take no bits at all."""
    bits = Bits().write(0x2F, 8).write(width - 1, 14).write(height - 1, 14).write(alpha, 1).write(0, 3)
    bits.write(0, 1).write(0, 1).write(0, 1)  # no transform, no colour cache, one group of codes
    for _ in range(5):
        bits.write(1, 1).write(0, 1).write(0, 1).write(0, 1)  # simple, of one symbol, which is 0
    return chunk(b"VP8L", bits.bytes() + bytes(8))


def extended(width: int, height: int, flags: int) -> bytes:
    """A VP8X chunk."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return chunk(b"VP8X", bytes([flags, 0, 0, 0]) + sides)


def frame(picture: bytes, width: int, height: int, *, left: int = 0, top: int = 0) -> bytes:
    """An ANMF chunk."""
    fields = [left // 2, top // 2, width - 1, height - 1, 20]
    return chunk(b"ANMF", b"".join(field.to_bytes(3, "little") for field in fields) + b"\0" + picture)


def moving(width: int, height: int, *frames: bytes) -> bytes:
    """An animation."""
    return riff(extended(width, height, ANIMATION), chunk(b"ANIM", bytes(6)), *frames)


def lossy_header(width: int, height: int, *, partition: int = 20) -> bytes:
    """A VP8 key frame that ends where its pixels should begin."""
    tag = (partition << 5) | 1 << 4
    return chunk(b"VP8 ", tag.to_bytes(3, "little") + b"\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(40))


SPECK = lossless(1, 1)

FILES: dict[str, Callable[[], bytes]] = {
    "bomb-16383x16383.webp": lambda: riff(lossless(16_383, 16_383)),
    "bomb-16384x16384.webp": lambda: riff(lossless(16_384, 16_384)),
    "bomb-12000x10000.webp": lambda: riff(lossless(12_000, 10_000)),
    "bomb-alpha-4000x4000.webp": lambda: riff(lossless(4_000, 4_000, alpha=1)),
    "bomb-canvas-16383x16383.webp": lambda: moving(16_383, 16_383, frame(SPECK, 1, 1)),
    "header-16777216x16777216.webp": lambda: moving(1 << 24, 1 << 24, frame(SPECK, 1, 1)),
    "header-lossy-16383x16383.webp": lambda: riff(lossy_header(16_383, 16_383)),
    "header-lossy-0x0.webp": lambda: riff(lossy_header(0, 0)),
    "header-canvas-lies.webp": lambda: riff(extended(8, 8, 0), lossless(9_000, 9_000)),
    "header-claims-4-gb.webp": lambda: riff(SPECK, claimed=2**32 - 1),
    "header-claims-0.webp": lambda: riff(SPECK, claimed=0),
    "header-claims-odd.webp": lambda: riff(SPECK, claimed=13),
    "frames-100000.webp": lambda: moving(8, 8, frame(SPECK, 1, 1) * 100_000),
    "frames-100000-behind-icc.webp": lambda: riff(
        extended(8, 8, ANIMATION | ICC), chunk(b"ICCP", bytes(200_000)), chunk(b"ANIM", bytes(6)),
        frame(SPECK, 1, 1) * 100_000,
    ),
    "frames-900-of-4000x4000.webp": lambda: moving(4_000, 4_000, frame(lossless(4_000, 4_000), 4_000, 4_000) * 900),
    "frame-beyond-canvas.webp": lambda: moving(8, 8, frame(lossless(4_000, 4_000), 4_000, 4_000)),
    "frame-elsewhere.webp": lambda: moving(8, 8, frame(SPECK, 1, 1, left=9_000, top=9_000)),
    "frame-size-lies.webp": lambda: moving(8, 8, frame(lossless(8, 8), 4, 4)),
    "frame-empty.webp": lambda: moving(8, 8, chunk(b"ANMF", b"")),
    "frame-none.webp": lambda: moving(8, 8),
    "frame-within-frame.webp": lambda: moving(8, 8, frame(frame(frame(SPECK, 1, 1), 1, 1), 1, 1)),
    "alpha-garbage.webp": lambda: riff(extended(8, 8, ALPHA), chunk(b"ALPH", b"\x01" + b"\xff" * 99), lossy_header(8, 8)),
    "alpha-bomb.webp": lambda: riff(
        extended(16_000, 10_000, ALPHA), chunk(b"ALPH", b"\x01" + lossless(16_000, 10_000)[8:]), lossy_header(16_000, 10_000)
    ),
    "icc-90-mb.webp": lambda: riff(extended(8, 8, ICC), chunk(b"ICCP", bytes(90_000_000)), lossless(8, 8)),
    "icc-garbage.webp": lambda: riff(extended(8, 8, ICC), chunk(b"ICCP", bytes(range(256)) * 9), lossless(8, 8)),
    "exif-garbage.webp": lambda: riff(extended(8, 8, EXIF), lossless(8, 8), chunk(b"EXIF", b"II*\0" + b"\xff" * 99)),
    "chunk-claims-4-gb.webp": lambda: riff(extended(8, 8, 0), chunk(b"VP8L", lossless(8, 8)[8:], claimed=2**32 - 1)),
    "chunk-unknown-first.webp": lambda: riff(chunk(b"HARM", b"?"), SPECK),
    "chunks-a-million.webp": lambda: riff(extended(8, 8, 0), chunk(b"HARM", b"") * 1_000_000, lossless(8, 8)),
    "codes-garbage.webp": lambda: riff(chunk(b"VP8L", lossless(800, 800)[8:13] + b"\xa5" * 999)),
    "pixels-none.webp": lambda: riff(extended(8, 8, 0)),
    "signature-only.webp": lambda: b"RIFF\x04\0\0\0WEBP",
}  # fmt: skip
