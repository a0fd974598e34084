"""TIFF: directories without an end, strips and tiles beyond the file, and runs of one colour."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping

SHORT, LONG = 3, 4
TILE_WIDTH = 322
NONE, LZW, DEFLATE, PACKBITS, FAX4, JPEG = 1, 5, 8, 32_773, 4, 7


def file(
    width: int, height: int, strip: bytes, *, compression: int = NONE, tags: Mapping[int, tuple[int, int]] | None = None
) -> bytes:
    """A TIFF with one strip of RGB. A tag has a type and a value. The directory follows the strip."""
    entries: dict[int, tuple[int, int]] = {
        256: (LONG, width), 257: (LONG, height), 258: (SHORT, 8), 259: (SHORT, compression), 262: (SHORT, 2),
        273: (LONG, 8), 277: (SHORT, 3), 278: (LONG, height), 279: (LONG, len(strip)), **(tags or {}),
    }  # fmt: skip
    directory = struct.pack("<H", len(entries))
    for tag, (kind, value) in sorted(entries.items()):
        directory += struct.pack("<HHII", tag, kind, 1, value)
    return b"II*\0" + struct.pack("<I", 8 + len(strip)) + strip + directory + bytes(4)


def entries(count: int) -> bytes:
    """A directory of that many entries of an unknown tag."""
    return b"II*\0\x08\0\0\0" + struct.pack("<H", count) + struct.pack("<HHII", 999, LONG, 1, 0) * count + bytes(4)


def big_entries(count: int) -> bytes:
    """A BigTIFF with that many entries of an unknown tag."""
    entry = struct.pack("<HHQQ", 999, LONG, 1, 0)
    return b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, count) + entry * count + bytes(8)


def shared(width: int, height: int, stored: bytes, compression: int, chunks: int, tags: Mapping[int, tuple[int, int]]) -> bytes:
    """A TIFF whose strips or tiles all are the same bytes."""
    is_tiled = TILE_WIDTH in tags
    arrays = struct.pack(f"<{chunks}I", *[8] * chunks) + struct.pack(f"<{chunks}I", *[len(stored)] * chunks)
    at, lens_at = 8 + len(stored), 8 + len(stored) + 4 * chunks
    entries = {256: (LONG, width), 257: (LONG, height), 258: (SHORT, 8), 259: (SHORT, compression), 262: (SHORT, 2)}
    places = {324 if is_tiled else 273: (LONG, at), 325 if is_tiled else 279: (LONG, lens_at)}
    directory = {**entries, 277: (SHORT, 3), **places, **tags}
    packed = struct.pack("<H", len(directory))
    for tag, (kind, value) in sorted(directory.items()):
        packed += struct.pack("<HHII", tag, kind, chunks if tag in places else 1, value)
    return b"II*\0" + struct.pack("<I", 8 + len(stored) + len(arrays)) + stored + arrays + packed + bytes(4)


def grey(**tags: int) -> dict[int, tuple[int, int]]:
    """The tags of a picture with one sample per pixel."""
    return {262: (SHORT, 1), 277: (SHORT, 1), **{int(tag[1:]): (LONG, value) for tag, value in tags.items()}}


def loop() -> bytes:
    """A directory that is its own sub-directory, and its own next one."""
    made = bytearray(file(8, 8, bytes(192), tags={330: (LONG, 200)}))
    made[-4:] = struct.pack("<I", 200)
    return bytes(made)


SIDE = 16_000
FILES: Mapping[str, Callable[[], bytes]] = {
    "entries-65535.tif": lambda: entries(65_535),
    "entries-1000000-big.tif": lambda: big_entries(1_000_000),
    "entries-claimed.tif": lambda: b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 1 << 60),
    "directory-beyond.tif": lambda: b"II*\0\xff\xff\xff\xff",
    "directory-beyond-big.tif": lambda: b"II+\0\x08\0\0\0" + struct.pack("<Q", 1 << 62),
    "directory-loop.tif": loop,
    "bomb-deflate-16000x16000.tif": lambda: file(
        SIDE, SIDE, zlib.compress(bytes(3 * SIDE * SIDE // 8), 9), compression=DEFLATE
    ),
    "bomb-packbits-16000x16000.tif": lambda: file(SIDE, SIDE, b"\x81\0" * (3 * SIDE * SIDE // 128), compression=PACKBITS),
    "bomb-packbits-nothing.tif": lambda: file(900, 900, b"\x80" * 30_000_000, compression=PACKBITS),
    "bomb-lzw-clear-codes.tif": lambda: file(900, 900, b"\x80\x40\x20\x10\x08\x04\x02\x01\0" * 3_000_000, compression=LZW),
    "bomb-fax4-60000x4000.tif": lambda: file(60_000, 4_000, b"\xff" * 100_000, compression=FAX4, tags=grey(t258=1)),
    "bomb-jpeg-garbage.tif": lambda: file(SIDE, SIDE, b"\xff\xd8\xff\xc0" + b"\xff" * 90_000, compression=JPEG),
    "strip-16000x16000-of-nothing.tif": lambda: file(SIDE, SIDE, b"a" * 100),
    "strip-of-one-row-each.tif": lambda: file(1, 60_000, b"a" * 10, tags={278: (LONG, 1)}),
    "tiles-65520x65520.tif": lambda: file(8, 8, b"a" * 99, tags={322: (LONG, 65_520), 323: (LONG, 65_520), 324: (LONG, 8)}),
    "tiles-16x16-of-16000x16000.tif": lambda: file(
        SIDE, SIDE, b"a" * 99, tags={322: (LONG, 16), 323: (LONG, 16), 324: (LONG, 8)}
    ),
    # 60,000 × 30 MB of codes that stand for nothing.
    "strips-share-30-mb.tif": lambda: shared(
        1, 60_000, b"\x80" * 30_000_000 + b"\2abc", PACKBITS, 60_000, {278: (LONG, 1)}
    ),
    "tiles-share-30-mb.tif": lambda: shared(
        2_000_000, 8, b"\x80" * 30_000_000 + b"\x81a" * 2, PACKBITS, 250_000, {TILE_WIDTH: (LONG, 8), 323: (LONG, 8)}
    ),
    "tiles-of-jpeg-share-30-mb.tif": lambda: shared(
        2_000_000, 8, b"\xff\xd8" + b"\xff\xfe\xff\xff" * 400 + bytes(30_000_000), JPEG, 250_000, {TILE_WIDTH: (LONG, 8), 323: (LONG, 8)}
    ),
    "header-4294967295x4294967295.tif": lambda: file(0xFFFFFFFF, 0xFFFFFFFF, b"a"),
    "header-0x0.tif": lambda: file(0, 0, b"a"),
    "samples-65535.tif": lambda: file(100, 100, bytes(30_000), tags={277: (SHORT, 65_535)}),
    "samples-64-planar.tif": lambda: file(4_000, 4_000, bytes(99), tags={277: (SHORT, 64), 284: (SHORT, 2)}),
    "profile-4-gb.tif": lambda: file(8, 8, bytes(192), tags={34_675: (LONG, 0xFFFFFFFF)}),
}
