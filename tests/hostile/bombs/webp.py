"""WebP: a picture of 268 megapixels in 30 bytes, a hundred thousand frames, and chunks with wrong lengths."""

from __future__ import annotations

import struct
from collections.abc import Callable

from .bits import Bits

ICC, ALPHA, EXIF, ANIMATION = 0x20, 0x10, 0x08, 0x02


def riff(*chunks: bytes, claimed: int | None = None) -> bytes:
    """A RIFF file; `claimed` replaces its length."""
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body) if claimed is None else claimed) + body


def chunk(name: bytes, body: bytes, *, claimed: int | None = None) -> bytes:
    """A chunk, padded to an even length; `claimed` replaces its length."""
    length = len(body) if claimed is None else claimed
    return name + struct.pack("<I", length) + body + b"\0" * (len(body) % 2)


def lossless(width: int, height: int, *, alpha: int = 0) -> bytes:
    """A VP8L chunk of one colour: five prefix codes with one symbol each, which take no bits."""
    bits = _lossless_header(width, height, alpha)
    bits.write(0, 1).write(0, 1).write(0, 1)  # no transform, no colour cache, one group of codes
    for _ in range(5):
        _code_of_zero(bits)
    return chunk(b"VP8L", bits.bytes() + bytes(8))


def grouped(width: int, height: int, groups: int, *, tile_bits: int, cache_bits: int = 0, alpha: int = 0) -> bytes:
    """A VP8L chunk of one colour whose tiles use that many groups of prefix codes: libwebp allocates all of them."""
    bits = _lossless_header(width, height, alpha).write(0, 1)
    if cache_bits:
        bits.write(1, 1).write(cache_bits, 4)
    else:
        bits.write(0, 1)
    bits.write(1, 1).write(tile_bits - 2, 3)
    # The entropy image: codes of all bytes for green and red, of 0 for the others; then a pixel for each tile.
    bits.write(0, 1)
    for code in (_code_of_bytes, _code_of_bytes, _code_of_zero, _code_of_zero, _code_of_zero):
        code(bits)
    tiles = -(-width // (1 << tile_bits)) * -(-height // (1 << tile_bits))
    for tile in range(tiles):
        for byte in (tile % groups & 0xFF, tile % groups >> 8):
            bits.write(int(f"{byte:08b}"[::-1], 2), 8)
    for _ in range(5 * min(groups, tiles)):
        _code_of_zero(bits)
    return chunk(b"VP8L", bits.bytes() + bytes(8))


def tiny_tiles(width: int, height: int) -> bytes:
    """A VP8L chunk of one colour with two transforms and an entropy image in tiles of 4×4: 1.75 times the memory."""
    bits = _lossless_header(width, height, 0)
    for transform in (0, 1):
        bits.write(1, 1).write(transform, 2).write(0, 3).write(0, 1)
        for _ in range(5):
            _code_of_zero(bits)
    bits.write(0, 1).write(0, 1).write(1, 1).write(0, 3).write(0, 1)
    for _ in range(5 + 5):
        _code_of_zero(bits)
    return chunk(b"VP8L", bits.bytes() + bytes(8))


def _lossless_header(width: int, height: int, alpha: int) -> Bits:
    return Bits().write(0x2F, 8).write(width - 1, 14).write(height - 1, 14).write(alpha, 1).write(0, 3)


def _code_of_zero(bits: Bits) -> None:
    """A prefix code with the one symbol 0, which takes no bits."""
    bits.write(1, 1).write(0, 1).write(0, 1).write(0, 1)


def _code_of_bytes(bits: Bits) -> None:
    """A prefix code of the 256 bytes, eight bits each: only the code length 8 is used, for the first 2 + 254
    symbols."""
    bits.write(0, 1).write(8, 4)
    for place in range(12):
        bits.write(1 if place == 11 else 0, 3)
    bits.write(1, 1).write(3, 3).write(254, 8)


def lossy(width: int, height: int) -> bytes:
    """A complete VP8 chunk of zeros, which are decoded as blocks without coefficients."""
    blocks = -(-width // 16) * -(-height // 16)
    modes, tokens = min(16 * blocks + 64, 2**19 - 1), 16 * blocks + 64
    tag = modes << 5 | 1 << 4
    header = tag.to_bytes(3, "little") + b"\x9d\x01\x2a" + struct.pack("<HH", width, height)
    return chunk(b"VP8 ", header + bytes(modes + tokens))


def with_alpha(width: int, height: int, stream: bytes, *, flags: int = ALPHA) -> bytes:
    """A lossy picture whose alpha is the data of a VP8L chunk."""
    return riff(extended(width, height, flags), chunk(b"ALPH", b"\x01" + stream[13:]), lossy(width, height))


def extended(width: int, height: int, flags: int) -> bytes:
    """A VP8X chunk."""
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    return chunk(b"VP8X", bytes([flags, 0, 0, 0]) + sides)


def frame(picture: bytes, width: int, height: int, *, left: int = 0, top: int = 0) -> bytes:
    """An ANMF chunk."""
    fields = [left // 2, top // 2, width - 1, height - 1, 20]
    return chunk(b"ANMF", b"".join(field.to_bytes(3, "little") for field in fields) + b"\0" + picture)


def animation(width: int, height: int, *frames: bytes) -> bytes:
    """An animation."""
    return riff(extended(width, height, ANIMATION), chunk(b"ANIM", bytes(6)), *frames)


def lossy_header(width: int, height: int, *, partition: int = 20) -> bytes:
    """A VP8 key frame that ends before its pixels."""
    tag = (partition << 5) | 1 << 4
    return chunk(b"VP8 ", tag.to_bytes(3, "little") + b"\x9d\x01\x2a" + struct.pack("<HH", width, height) + bytes(40))


ONE_PIXEL = lossless(1, 1)

FILES: dict[str, Callable[[], bytes]] = {
    "bomb-16383x16383.webp": lambda: riff(lossless(16_383, 16_383)),
    "bomb-16384x16384.webp": lambda: riff(lossless(16_384, 16_384)),
    "bomb-12000x10000.webp": lambda: riff(lossless(12_000, 10_000)),
    "bomb-alpha-4000x4000.webp": lambda: riff(lossless(4_000, 4_000, alpha=1)),
    "bomb-canvas-16383x16383.webp": lambda: animation(16_383, 16_383, frame(ONE_PIXEL, 1, 1)),
    "header-16777216x16777216.webp": lambda: animation(1 << 24, 1 << 24, frame(ONE_PIXEL, 1, 1)),
    "header-lossy-16383x16383.webp": lambda: riff(lossy_header(16_383, 16_383)),
    "header-lossy-0x0.webp": lambda: riff(lossy_header(0, 0)),
    "header-canvas-lies.webp": lambda: riff(extended(8, 8, 0), lossless(9_000, 9_000)),
    "header-claims-4-gb.webp": lambda: riff(ONE_PIXEL, claimed=2**32 - 1),
    "header-claims-0.webp": lambda: riff(ONE_PIXEL, claimed=0),
    "header-claims-odd.webp": lambda: riff(ONE_PIXEL, claimed=13),
    "frames-100000.webp": lambda: animation(8, 8, frame(ONE_PIXEL, 1, 1) * 100_000),
    "frames-100000-behind-icc.webp": lambda: riff(
        extended(8, 8, ANIMATION | ICC), chunk(b"ICCP", bytes(200_000)), chunk(b"ANIM", bytes(6)),
        frame(ONE_PIXEL, 1, 1) * 100_000,
    ),
    "frames-900-of-4000x4000.webp": lambda: animation(4_000, 4_000, frame(lossless(4_000, 4_000), 4_000, 4_000) * 900),
    "frame-beyond-canvas.webp": lambda: animation(8, 8, frame(lossless(4_000, 4_000), 4_000, 4_000)),
    "frame-elsewhere.webp": lambda: animation(8, 8, frame(ONE_PIXEL, 1, 1, left=9_000, top=9_000)),
    "frame-size-lies.webp": lambda: animation(8, 8, frame(lossless(8, 8), 4, 4)),
    "frame-empty.webp": lambda: animation(8, 8, chunk(b"ANMF", b"")),
    "frame-none.webp": lambda: animation(8, 8),
    "frame-within-frame.webp": lambda: animation(8, 8, frame(frame(frame(ONE_PIXEL, 1, 1), 1, 1), 1, 1)),
    "alpha-garbage.webp": lambda: riff(extended(8, 8, ALPHA), chunk(b"ALPH", b"\x01" + b"\xff" * 99), lossy_header(8, 8)),
    "alpha-bomb.webp": lambda: riff(
        extended(16_000, 10_000, ALPHA), chunk(b"ALPH", b"\x01" + lossless(16_000, 10_000)[8:]), lossy_header(16_000, 10_000)
    ),
    "alpha-4000x4000.webp": lambda: with_alpha(4_000, 4_000, lossless(4_000, 4_000)),
    "alpha-raw-4000x4000.webp": lambda: riff(
        extended(4_000, 4_000, ALPHA), chunk(b"ALPH", b"\0" + bytes(16_000_000)), lossy(4_000, 4_000)
    ),
    "alpha-of-4096-groups.webp": lambda: with_alpha(4_096, 1_024, grouped(4_096, 1_024, 4_096, tile_bits=5)),
    "alpha-of-65536-groups.webp": lambda: with_alpha(
        1_024, 1_024, grouped(1_024, 1_024, 65_536, tile_bits=2, cache_bits=11)
    ),
    "alpha-unannounced-4000x4000.webp": lambda: with_alpha(4_000, 4_000, lossless(4_000, 4_000), flags=0),
    "alpha-unannounced-lossless-4000x4000.webp": lambda: riff(
        extended(4_000, 4_000, 0), lossless(4_000, 4_000, alpha=1)
    ),
    "groups-62500-16000x16000.webp": lambda: riff(grouped(16_000, 16_000, 62_500, tile_bits=6)),
    "groups-65536-1024x1024.webp": lambda: riff(grouped(1_024, 1_024, 65_536, tile_bits=2)),
    "groups-65536-1024x1024-cache.webp": lambda: riff(grouped(1_024, 1_024, 65_536, tile_bits=2, cache_bits=11)),
    "groups-4096-1024x1024-cache.webp": lambda: riff(grouped(1_024, 1_024, 4_096, tile_bits=4, cache_bits=11)),
    "groups-2600-4000x3000-alpha.webp": lambda: riff(grouped(4_000, 3_000, 2_600, tile_bits=6, cache_bits=11, alpha=1)),
    "groups-behind-300-kb-of-icc.webp": lambda: riff(
        extended(1_024, 1_024, ICC), chunk(b"ICCP", bytes(300_000)), grouped(1_024, 1_024, 65_536, tile_bits=2)
    ),
    "tiles-of-4x4-16000x16000.webp": lambda: riff(tiny_tiles(16_000, 16_000)),
    "tiles-of-4x4-6000x5000.webp": lambda: riff(tiny_tiles(6_000, 5_000)),
    "lossy-16383x8000.webp": lambda: riff(lossy(16_383, 8_000)),
    "lossy-and-68-mb-of-chunks.webp": lambda: riff(
        extended(800, 600, 0), lossy(800, 600), chunk(b"HARM", bytes(68_000_000))
    ),
    "lossless-and-90-mb-behind-its-end.webp": lambda: riff(lossless(800, 600)) + bytes(90_000_000),
    "frames-of-2600-groups.webp": lambda: animation(
        1_024, 1_024, frame(grouped(1_024, 1_024, 2_600, tile_bits=4, cache_bits=11), 1_024, 1_024) * 3
    ),
    "frames-of-2601-groups.webp": lambda: animation(
        1_024, 1_024, frame(grouped(1_024, 1_024, 2_601, tile_bits=4, cache_bits=11), 1_024, 1_024) * 3
    ),
    "frames-of-2601-groups-behind-icc.webp": lambda: riff(
        extended(1_024, 1_024, ANIMATION | ICC), chunk(b"ICCP", bytes(200_000)), chunk(b"ANIM", bytes(6)),
        frame(grouped(1_024, 1_024, 2_601, tile_bits=4), 1_024, 1_024) * 3,
    ),
    "frames-of-alpha-1500x1000.webp": lambda: animation(
        1_500, 1_000,
        frame(chunk(b"ALPH", b"\x01" + lossless(1_500, 1_000)[13:]) + lossy(1_500, 1_000), 1_500, 1_000) * 5,
    ),
    "frames-lossless-4000x4000.webp": lambda: animation(4_000, 4_000, frame(lossless(4_000, 4_000), 4_000, 4_000) * 3),
    "frames-and-a-million-chunks.webp": lambda: animation(
        8, 8, frame(ONE_PIXEL, 1, 1), chunk(b"HARM", b"") * 1_000_000, frame(ONE_PIXEL, 1, 1)
    ),
    "icc-90-mb.webp": lambda: riff(extended(8, 8, ICC), chunk(b"ICCP", bytes(90_000_000)), lossless(8, 8)),
    "icc-garbage.webp": lambda: riff(extended(8, 8, ICC), chunk(b"ICCP", bytes(range(256)) * 9), lossless(8, 8)),
    "exif-garbage.webp": lambda: riff(extended(8, 8, EXIF), lossless(8, 8), chunk(b"EXIF", b"II*\0" + b"\xff" * 99)),
    "chunk-claims-4-gb.webp": lambda: riff(extended(8, 8, 0), chunk(b"VP8L", lossless(8, 8)[8:], claimed=2**32 - 1)),
    "chunk-unknown-first.webp": lambda: riff(chunk(b"HARM", b"?"), ONE_PIXEL),
    "chunks-a-million.webp": lambda: riff(extended(8, 8, 0), chunk(b"HARM", b"") * 1_000_000, lossless(8, 8)),
    "codes-garbage.webp": lambda: riff(chunk(b"VP8L", lossless(800, 800)[8:13] + b"\xa5" * 999)),
    "pixels-none.webp": lambda: riff(extended(8, 8, 0)),
    "signature-only.webp": lambda: b"RIFF\x04\0\0\0WEBP",
}  # fmt: skip
