"""PNG: pixels and texts that inflate to a thousand times their length, and wrong headers."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, RGBA = 0, 2, 3, 6
CHANNELS = {GREY: 1, RGB: 3, PALETTE: 1, 4: 2, RGBA: 4}


def chunk(name: bytes, body: bytes, *, claimed: int | None = None, crc: int | None = None) -> bytes:
    """A chunk; `claimed` replaces its length, `crc` its checksum."""
    length = len(body) if claimed is None else claimed
    checksum = zlib.crc32(name + body) if crc is None else crc
    return struct.pack(">I", length) + name + body + struct.pack(">I", checksum)


def header(width: int, height: int, *, depth: int = 8, colours: int = RGB, interlaced: int = 0) -> bytes:
    """The signature and the IHDR chunk."""
    fields = struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, interlaced)
    return SIGNATURE + chunk(b"IHDR", fields)


def zeros(byte_len: int) -> bytes:
    """That many zeros, deflated to a thousandth. They are never in memory: one compressed piece is repeated."""
    piece = _deflated(1 << 20, zlib.Z_FULL_FLUSH)
    # The Adler-32 of zeros: the low half stays 1, and the high half counts the bytes.
    checksum = (byte_len % 65_521) << 16 | 1
    rest = _deflated(byte_len & 0xFFFFF, zlib.Z_FINISH)
    return b"\x78\xda" + piece * (byte_len >> 20) + rest + struct.pack(">I", checksum)


def _deflated(byte_len: int, flush: int) -> bytes:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(bytes(byte_len)) + deflate.flush(flush)


def flat(width: int, height: int, *, depth: int = 8, colours: int = RGB, interlaced: int = 0, between: bytes = b"") -> bytes:
    """A complete black picture. `between` is inserted between its header and its pixels."""
    bits = CHANNELS[colours] * depth
    raw = sum(rows * (1 + (columns * bits + 7) // 8) for columns, rows in _passes(width, height, interlaced) if columns)
    head = header(width, height, depth=depth, colours=colours, interlaced=interlaced)
    return head + between + chunk(b"IDAT", zeros(raw)) + chunk(b"IEND", b"")


def _passes(width: int, height: int, interlaced: int) -> Iterable[tuple[int, int]]:
    if not interlaced:
        return [(width, height)]
    adam7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    return [(-(-max(width - x, 0) // dx), -(-max(height - y, 0) // dy)) for x, y, dx, dy in adam7]


def _small(*, before: bytes = b"", after: bytes = b"", pixels: bytes | None = None, **fields: int) -> bytes:
    body = zeros(8 * 25) if pixels is None else pixels
    return header(8, 8, **fields) + before + chunk(b"IDAT", body) + after + chunk(b"IEND", b"")


def _profile(body: bytes) -> bytes:
    return chunk(b"iCCP", b"a\0\0" + body)


def _animated(frames: int) -> bytes:
    return header(8, 8) + chunk(b"acTL", struct.pack(">II", frames, 0)) + chunk(b"IDAT", zeros(200)) + chunk(b"IEND", b"")


def _tiny_idat_chunks(pieces: int) -> bytes:
    return _small(pixels=b"", after=chunk(b"IDAT", b"") * pieces)


FILES: dict[str, Callable[[], bytes]] = {
    "bomb-rgba-16383x16383.png": lambda: flat(16_383, 16_383, colours=RGBA),
    "bomb-rgb-16383x14000.png": lambda: flat(16_383, 14_000),
    "bomb-rgb16-9000x9000.png": lambda: flat(9_000, 9_000, depth=16),
    "bomb-bits-16383x16383.png": lambda: flat(16_383, 16_383, depth=1, colours=GREY),
    "bomb-interlaced-12000x12000.png": lambda: flat(12_000, 12_000, interlaced=1),
    "bomb-interlaced-rgba16-5000x5000.png": lambda: flat(5_000, 5_000, depth=16, colours=RGBA, interlaced=1),
    "bomb-long-2000000x100.png": lambda: flat(2_000_000, 100),
    "bomb-tall-100x2000000.png": lambda: flat(100, 2_000_000),
    "header-65535x65535.png": lambda: header(65_535, 65_535) + chunk(b"IDAT", b""),
    "header-2147483647x2147483647.png": lambda: header(2**31 - 1, 2**31 - 1) + chunk(b"IDAT", b""),
    "header-4294967295x1.png": lambda: header(2**32 - 1, 1) + chunk(b"IDAT", b""),
    "header-0x0.png": lambda: header(0, 0) + chunk(b"IDAT", b""),
    "header-depth-7.png": lambda: _small(depth=7),
    "header-colours-5.png": lambda: header(8, 8, colours=5) + chunk(b"IDAT", zeros(200)) + chunk(b"IEND", b""),
    "header-interlace-9.png": lambda: header(8, 8, interlaced=9) + chunk(b"IDAT", zeros(200)) + chunk(b"IEND", b""),
    "header-twice.png": lambda: header(8, 8) + header(4_000, 4_000)[8:] + chunk(b"IDAT", zeros(200)) + chunk(b"IEND", b""),
    "frames-100000.png": lambda: _animated(100_000),
    "frames-4294967295.png": lambda: _animated(2**32 - 1),
    "text-bomb-ztxt.png": lambda: _small(before=chunk(b"zTXt", b"a\0\0" + zeros(1 << 30)) * 3),
    "text-bomb-itxt.png": lambda: _small(before=chunk(b"iTXt", b"a\0\1\0\0\0" + zeros(1 << 30)) * 3),
    "text-mountain.png": lambda: _small(before=chunk(b"tEXt", b"a\0" + b"b" * 1_000_000) * 30),
    "text-crumbs.png": lambda: _small(before=chunk(b"tEXt", b"a\0b") * 1_000_000),
    "icc-bomb.png": lambda: _small(before=_profile(zeros(1 << 30))),
    "icc-60-mb.png": lambda: _small(before=_profile(zeros(60_000_000))),
    "icc-60-mb-and-large.png": lambda: flat(8_000, 8_000, interlaced=1, between=_profile(zeros(60_000_000))),
    "icc-no-deflate.png": lambda: _small(before=_profile(b"\x78\x9c" + b"no deflate at all" * 9)),
    "icc-garbage.png": lambda: _small(before=_profile(zlib.compress(bytes(range(256)) * 40))),
    "icc-claims-4-gb.png": lambda: _small(before=_profile(zlib.compress(b"\xff" * 4 + b"lcms" + bytes(200)))),
    "icc-of-the-largest-length.png": lambda: flat(4_000, 4_000, between=_profile(zeros(4 << 20))),
    "icc-a-thousand-times.png": lambda: _small(before=_profile(zeros(4 << 20)) * 1_000),
    "colours-a-million-chunks.png": lambda: _small(before=(chunk(b"gAMA", b"\0\1\x86\xa0") + chunk(b"cICP", b"\x09\x10\0\1")) * 400_000),
    "colours-pq-16-bit-8000x8000.png": lambda: flat(8_000, 8_000, depth=16, between=chunk(b"cICP", b"\x09\x10\0\1")),
    "colours-hlg-4000x4000.png": lambda: flat(4_000, 4_000, colours=RGBA, between=chunk(b"cICP", b"\x09\x12\0\1")),
    "colours-gamma-of-0.00001.png": lambda: _small(before=chunk(b"gAMA", b"\0\0\0\1") + chunk(b"cHRM", b"\xff" * 32)),
    "exif-15-mb.png": lambda: _small(before=chunk(b"eXIf", b"MM\0*" + bytes(15_000_000))),
    "exif-garbage.png": lambda: _small(before=chunk(b"eXIf", b"MM\0*" + b"\xff" * 400)),
    "chunk-claims-4-gb.png": lambda: header(8, 8) + chunk(b"IDAT", zeros(200), claimed=2**32 - 1),
    "chunk-wrong-checksum.png": lambda: header(8, 8) + chunk(b"IDAT", zeros(200), crc=7) + chunk(b"IEND", b""),
    "chunk-critical-unknown.png": lambda: _small(before=chunk(b"HARM", b"?")),
    "palette-missing.png": lambda: _small(colours=PALETTE),
    "palette-of-4-bytes.png": lambda: _small(colours=PALETTE, before=chunk(b"PLTE", bytes(4))),
    "palette-too-long.png": lambda: _small(colours=PALETTE, before=chunk(b"PLTE", bytes(3 * 300))),
    "palette-index-beyond.png": lambda: _small(
        colours=PALETTE, before=chunk(b"PLTE", bytes(3)), pixels=zlib.compress((b"\0" + b"\xff" * 8) * 8)
    ),
    "transparency-too-long.png": lambda: _small(before=chunk(b"tRNS", bytes(999))),
    "filter-unknown.png": lambda: _small(pixels=zlib.compress((b"\x09" + bytes(24)) * 8)),
    "pixels-none.png": lambda: header(8, 8) + chunk(b"IEND", b""),
    "pixels-too-few.png": lambda: _small(pixels=zeros(20)),
    "pixels-a-gigabyte-too-many.png": lambda: _small(pixels=zeros(1 << 30)),
    "pixels-no-deflate.png": lambda: _small(pixels=b"no deflate at all"),
    "pixels-in-a-million-empty-chunks.png": lambda: _tiny_idat_chunks(1_000_000),
    "pixels-and-60-mb-behind.png": lambda: _small(after=chunk(b"IDAT", bytes(60_000_000))),
    "end-claims-4-gb.png": lambda: header(8, 8) + chunk(b"IDAT", zeros(200)) + chunk(b"tEXt", b"a\0b", claimed=2**32 - 1),
    "end-missing.png": lambda: header(8, 8) + chunk(b"IDAT", zeros(200)),
    "signature-only.png": lambda: SIGNATURE,
}  # fmt: skip
