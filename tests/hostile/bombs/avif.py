"""AVIF: 256 megapixels in 1.5 kB, 4,096 tiles of AV1 in one picture, frames larger than stated, and too many frames."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Callable


def box(name: bytes, *content: bytes) -> bytes:
    """A box."""
    body = b"".join(content)
    return struct.pack(">I4s", 8 + len(body), name) + body


def full_box(name: bytes, *content: bytes) -> bytes:
    """A box with version 0 and no flags."""
    return box(name, bytes(4), *content)


def file_of(data: bytes, width: int, height: int, *, config: bytes, layers: bool = False) -> bytes:
    """A file with one AV1 item that states this size. `config` is the third byte of `av1C`."""
    properties = [
        full_box(b"ispe", struct.pack(">II", width, height)),
        box(b"av1C", b"\x81\x00" + config + b"\x00"),
        *([box(b"a1lx", bytes(7))] if layers else []),
    ]
    associations = struct.pack(">IHB", 1, 1, len(properties)) + bytes(range(1, len(properties) + 1))

    def meta(offset: int) -> bytes:
        return full_box(
            b"meta",
            full_box(b"hdlr", bytes(4), b"pict", bytes(13)),
            full_box(b"pitm", struct.pack(">H", 1)),
            full_box(b"iloc", struct.pack(">BBHHHHII", 0x44, 0, 1, 1, 0, 1, offset, len(data))),
            full_box(b"iinf", struct.pack(">H", 1), box(b"infe", b"\x02\0\0\0", struct.pack(">HH", 1, 0), b"av01\0")),
            box(b"iprp", box(b"ipco", *properties), full_box(b"ipma", associations)),
        )

    brands = box(b"ftyp", b"avif", bytes(4), b"avifmif1miaf")
    return brands + meta(len(brands) + len(meta(0)) + 8) + box(b"mdat", data)


def _unpacked(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text))


GREY, HALF = b"\x1c", b"\x0c"
# 16,000×16,000 px of one grey, by libaom.
FLAT = _unpacked(
    "c-j+U;Nq4uudDz0zl}+X*THBRrvT4^Z5J6ByuKb+3>4ga@W<23yM8L3w^8oOYLklS597GJ)o#KAO+IzK^1KxX&qRN@7rE@rdDZ}l3~8?Y6HHEP"
    "-kBm=B(CA_IZHojQ`pOSefmZYgViiIyk==<rl{`kIecYlvsm=J1)?7&F&)@g&NqYE`%Jr#%oc&Hi~V<}xvuRIUFa|xR-<7>i?DK|j++_=n>myR"
    "&jtW={WaS"
)

# 4,096×4,096 px of one colour in 64×64 tiles, by libaom.
TILES = _unpacked(
    "c-rm8u?>Pi006+R{}W<tpF~)|LS}Fe=xE%5_P1aNV&N3_&S7F<^0tmZaaY|j#MGW^t)H%6pUb6;r*9a-{dGHp_-?kGA7#3x+1=gU-QC^Y-QC^Y"
    "-QC^Y-QC^Y-QC^Y_w&F00REa-1O"
)


def _frame_of(data: bytes) -> bytes:
    """The data of a single frame again and again: its last OBU is the frame."""
    at = 0
    while at < len(data):
        start = at
        kind, at, length, shift = data[at] >> 3 & 15, at + 1, 0, 0
        while True:
            length |= (data[at] & 127) << shift
            at, shift = at + 1, shift + 7
            if data[at - 1] < 128:
                break
        at += length
        if kind == 6:
            return data[start:at]
    return b""


FILES: dict[str, Callable[[], bytes]] = {
    "flat-16000x16000.avif": lambda: file_of(FLAT, 16000, 16000, config=GREY),
    "tiles-4096.avif": lambda: file_of(TILES, 4096, 4096, config=HALF),
    "states-64x64-is-16000x16000.avif": lambda: file_of(FLAT, 64, 64, config=GREY),
    "states-4-billion-pixels.avif": lambda: file_of(FLAT, 65535, 65535, config=GREY),
    "frames-1000.avif": lambda: file_of(FLAT + 999 * _frame_of(FLAT), 16000, 16000, config=GREY),
    "frames-of-layers-1000.avif": lambda: file_of(
        FLAT + 999 * _frame_of(FLAT), 16000, 16000, config=GREY, layers=True
    ),
}
