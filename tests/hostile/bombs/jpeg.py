"""JPEG: thousands of scans over the same pixels, headers of megabytes, and segments with wrong lengths."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence

SOI, EOI = b"\xff\xd8", b"\xff\xd9"
BASELINE, PROGRESSIVE, ARITHMETIC, LOSSLESS = 0xC0, 0xC2, 0xC9, 0xC3
YCC = (0x22, 0x11, 0x11)
"""The sampling factors of luma and chroma at 4:2:0."""
END_OF_BAND, END_OF_BANDS = 0x00, 0xE0
"""Codes that end the coefficients of one block, and of 16,384 blocks plus the number in the following 14 bits."""


def segment(marker: int, body: bytes, *, claimed: int | None = None) -> bytes:
    """A marker segment; `claimed` replaces its length."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2 if claimed is None else claimed) + body


def frame(kind: int, width: int, height: int, sampling: Sequence[int] = YCC, *, depth: int = 8) -> bytes:
    """A frame header."""
    components = b"".join(bytes([number + 1, factors, 0]) for number, factors in enumerate(sampling))
    return segment(kind, struct.pack(">BHHB", depth, height, width, len(sampling)) + components)


def tables(*, ac: int = END_OF_BAND) -> bytes:
    """Quantisation by 1, and Huffman tables with one symbol, whose code is the bit 0: all data are zeros."""
    one_code = bytes([1, *[0] * 15])
    return (
        segment(0xDB, b"\0" + b"\1" * 64)
        + segment(0xC4, b"\x00" + one_code + b"\x00")
        + segment(0xC4, b"\x10" + one_code + bytes([ac]))
    )


def scan(components: Sequence[int], data: bytes, spectrum: tuple[int, int] = (0, 63), bits: int = 0) -> bytes:
    """One scan."""
    named = b"".join(bytes([number, 0]) for number in components)
    return segment(0xDA, bytes([len(components)]) + named + bytes([*spectrum, bits])) + data


def flat(width: int, height: int, sampling: Sequence[int] = YCC, *, kind: int = BASELINE, between: bytes = b"") -> bytes:
    """A complete grey picture in one scan. `between` is inserted after its first marker."""
    components = range(1, len(sampling) + 1)
    blocks = sum(_blocks(width, height, sampling, number) for number in range(len(sampling)))
    # One bit for the DC coefficient of each block, and one for the end of the block.
    data = bytes(-(-blocks // 4))
    return SOI + between + tables() + frame(kind, width, height, sampling) + scan(components, data) + EOI


def many_scans(width: int, height: int, count: int, sampling: Sequence[int] = YCC, *, between: bytes = b"") -> bytes:
    """A progressive picture. Every scan is valid, and adds a zero bit to one coefficient of all blocks."""
    blocks = [_blocks(width, height, sampling, number) for number in range(len(sampling))]
    parts = [SOI, tables(ac=END_OF_BANDS), frame(PROGRESSIVE, width, height, sampling)]
    parts.append(scan(range(1, len(sampling) + 1), bytes(-(-sum(blocks) // 8)), (0, 0)))
    for number, coefficient, bits in list(_steps(len(sampling)))[: count - 1]:
        data = bytes(-(-15 * -(-blocks[number] // 16_384) // 8))
        parts += [between, scan([number + 1], data, (coefficient, coefficient), bits)]
    return b"".join([*parts, EOI])


def _steps(components: int) -> Iterator[tuple[int, int, int]]:
    for number in range(components):
        for coefficient in range(1, 64):
            yield number, coefficient, 13
            for low in range(12, -1, -1):
                yield number, coefficient, (low + 1) << 4 | low


def _blocks(width: int, height: int, sampling: Sequence[int], number: int) -> int:
    most = [max(factors >> 4 for factors in sampling), max(factors & 15 for factors in sampling)]
    own = [sampling[number] >> 4, sampling[number] & 15]
    across, down = (-(-side // (8 * whole)) * part for side, whole, part in zip((width, height), most, own, strict=True))
    return across * down


def _profile(body: bytes, number: int, count: int) -> bytes:
    return segment(0xE2, b"ICC_PROFILE\0" + bytes([number, count]) + body)


def _exif(tiff: bytes) -> bytes:
    return segment(0xE1, b"Exif\0\0" + tiff)


NOISE = bytes((at * 197 + 31) % 251 for at in range(65_000))
GREY = (0x11,)

FILES: dict[str, Callable[[], bytes]] = {
    "bomb-65500x4000.jpg": lambda: flat(65_500, 4_000),
    "bomb-16383x14000.jpg": lambda: flat(16_383, 14_000),
    "bomb-grey-16000x16000.jpg": lambda: flat(16_000, 16_000, GREY),
    "bomb-4:4:4-12000x12000.jpg": lambda: flat(12_000, 12_000, (0x11, 0x11, 0x11)),
    "bomb-cmyk-9000x9000.jpg": lambda: flat(9_000, 9_000, (0x11,) * 4),
    "header-65535x65535.jpg": lambda: SOI + tables() + frame(BASELINE, 65_535, 65_535) + scan((1, 2, 3), bytes(9)) + EOI,
    "header-16000x16000-no-pixels.jpg": lambda: SOI + tables() + frame(BASELINE, 16_000, 16_000) + scan((1, 2, 3), b""),
    "header-0x0.jpg": lambda: flat(0, 0),
    "header-height-later.jpg": lambda: flat(800, 0),
    "header-twice.jpg": lambda: SOI + frame(BASELINE, 8, 8) + flat(4_000, 4_000)[2:],
    "header-none.jpg": lambda: SOI + tables() + scan((1, 2, 3), bytes(9)) + EOI,
    "header-12-bits.jpg": lambda: SOI + tables() + frame(BASELINE, 8, 8, depth=12) + scan((1, 2, 3), bytes(9)) + EOI,
    "header-arithmetic.jpg": lambda: flat(800, 600, kind=ARITHMETIC),
    "header-lossless.jpg": lambda: flat(800, 600, kind=LOSSLESS),
    "header-sampling-0.jpg": lambda: SOI + tables() + frame(BASELINE, 8, 8, (0, 0x11, 0x11)) + scan((1, 2, 3), bytes(9)),
    "header-sampling-4x4.jpg": lambda: flat(4_000, 4_000, (0x44, 0x11, 0x11)),
    "header-sampling-odd.jpg": lambda: flat(4_000, 4_000, (0x31, 0x13, 0x22)),
    "header-255-components.jpg": lambda: SOI + frame(BASELINE, 8, 8, (0x11,) * 255) + scan((1, 2, 3), bytes(9)),
    "header-stray-bytes-15-mb.jpg": lambda: flat(800, 600, between=bytes(15_000_000)),
    "header-stray-bytes-90-mb.jpg": lambda: flat(800, 600, between=bytes(90_000_000)),
    "header-fill-bytes-15-mb.jpg": lambda: flat(800, 600, between=b"\xff" * 15_000_000),
    "header-crumbs-15-mb.jpg": lambda: flat(800, 600, between=segment(0xFE, b"") * 3_750_000),
    "header-comments-15-mb.jpg": lambda: flat(800, 600, between=segment(0xFE, NOISE) * 230),
    "header-app2-15-mb.jpg": lambda: flat(800, 600, between=segment(0xE2, NOISE) * 230),
    "header-app2-15-mb-and-large.jpg": lambda: (
        SOI + segment(0xE2, NOISE) * 230 + many_scans(9_000, 9_000, 9)[2:]
    ),
    "scans-2647-of-800x600.jpg": lambda: many_scans(800, 600, 2_647),
    "scans-2647-of-16000x9000.jpg": lambda: many_scans(16_000, 9_000, 2_647),
    "scans-80-of-16000x9000.jpg": lambda: many_scans(16_000, 9_000, 80),
    "scans-again-and-again.jpg": lambda: many_scans(8_000, 8_000, 2)[:-2] + scan([1], bytes(130), (1, 1), 13) * 9_000 + EOI,
    "scans-with-80-mb-of-app2-between.jpg": lambda: many_scans(800, 600, 80, between=segment(0xE2, NOISE) * 16),
    "scans-none.jpg": lambda: SOI + tables() + frame(BASELINE, 800, 600) + EOI,
    "scans-without-tables.jpg": lambda: SOI + frame(BASELINE, 800, 600) + scan((1, 2, 3), bytes(9_999)) + EOI,
    "scans-of-unknown-components.jpg": lambda: SOI + tables() + frame(BASELINE, 8, 8) + scan((7, 8, 9), bytes(99)) + EOI,
    "scans-of-noise.jpg": lambda: SOI + tables() + frame(BASELINE, 800, 600) + scan((1, 2, 3), NOISE) + EOI,
    "tables-a-hundred-thousand.jpg": lambda: flat(800, 600, between=tables() * 100_000),
    "tables-overfull.jpg": lambda: flat(800, 600, between=segment(0xC4, b"\0" + b"\xff" * 16 + bytes(255))),
    "tables-number-9.jpg": lambda: flat(800, 600, between=segment(0xDB, b"\x09" + b"\1" * 64)),
    "segment-claims-0.jpg": lambda: flat(800, 600, between=segment(0xE5, b"", claimed=0)),
    "segment-claims-65535.jpg": lambda: flat(800, 600, between=segment(0xE5, b"", claimed=65_535)),
    "restart-every-block.jpg": lambda: flat(800, 600, between=segment(0xDD, b"\0\1")),
    "icc-of-255-parts.jpg": lambda: flat(
        800, 600, between=b"".join(_profile(NOISE, number, 255) for number in range(1, 256))
    ),
    "icc-part-missing.jpg": lambda: flat(800, 600, between=_profile(NOISE, 1, 2)),
    "icc-part-twice.jpg": lambda: flat(800, 600, between=_profile(NOISE, 1, 2) + _profile(NOISE, 1, 2)),
    "icc-part-0.jpg": lambda: flat(800, 600, between=_profile(NOISE, 0, 0)),
    "icc-garbage.jpg": lambda: flat(800, 600, between=_profile(NOISE, 1, 1)),
    "icc-signature-alone.jpg": lambda: flat(800, 600, between=_profile(bytes(36) + b"acsp" + b"\xff" * 4_000, 1, 1)),
    "exif-garbage.jpg": lambda: flat(800, 600, between=_exif(b"II*\0" + b"\xff" * 60_000)),
    "exif-directory-beyond.jpg": lambda: flat(800, 600, between=_exif(b"MM\0*\xff\xff\xff\xfe")),
    "exif-orientation-65535.jpg": lambda: flat(
        800, 600, between=_exif(b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\xff\xff\0\0\0\0\0\0")
    ),
    "exif-65535-entries.jpg": lambda: flat(800, 600, between=_exif(b"MM\0*\0\0\0\x08\xff\xff" + bytes(60_000))),
    "end-missing.jpg": lambda: flat(800, 600)[:-2],
    "end-at-once.jpg": lambda: SOI + EOI,
    "start-only.jpg": lambda: b"\xff\xd8\xff",
    "starts-a-million.jpg": lambda: SOI * 1_000_000 + flat(800, 600),
}  # fmt: skip
