"""Damaged copies of one picture of each kind: cut, with flipped bits, and with every chunk or segment damaged."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator, Mapping

from generate import drawn
from generate.chunks import PALETTE, RGB, SIGNATURE, chunk, header, rows
from generate.png import HEIGHT, WIDTH, png

KINDS = (
    "baseline-420.jpg", "baseline-restarts.jpg", "progressive-420.jpg", "rgb-8.png", "rgb-8-interlaced.png", "palette-4.png",
    "gif-64-colours.gif", "gif-64-colours-interlaced.gif", "lossy-80.webp", "lossless-alpha.webp", "avif-420.avif", "bmp-24.bmp",
)  # fmt: skip
CUTS_PERCENT = (1, 10, 30, 50, 70, 90, 95, 99)
FLIPPED_COPIES = 6


def pictures(sound: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yields each file's name and bytes. `sound` holds the pictures to damage."""
    for name in KINDS:
        picture = sound[name]
        for percent in CUTS_PERCENT:
            yield f"cut-{percent:02}-{name}", picture[: len(picture) * percent // 100]
        yield f"cut-last-{name}", picture[:-1]
        chance = random.Random(name)
        for number in range(FLIPPED_COPIES):
            # Behind most of the header, whose damage ends in another picture or in none.
            at = chance.randrange(len(picture) // 4, len(picture))
            yield f"flipped-{number}-{name}", picture[:at] + bytes((picture[at] ^ 1 << chance.randrange(8),)) + picture[at + 1 :]
        start = len(picture) // 2
        yield f"zeros-{name}", picture[:start] + bytes(40) + picture[start + 40 :]
    yield from _png()


def _png() -> Iterator[tuple[str, bytes]]:
    sound = png(RGB, 8)
    head, end = header(WIDTH, HEIGHT, 8, RGB), chunk(b"IEND")
    raw = _raw(sound)
    packed = zlib.compress(raw)
    data = chunk(b"IDAT", packed)
    pieces = b"".join(chunk(b"IDAT", packed[at : at + 9]) for at in range(0, len(packed), 9))
    row = 1 + WIDTH * 3
    kinds = {
        "no-iend": head + data,
        "iend-crc": head + data + chunk(b"IEND", crc_error=True),
        "iend-cut": head + data + end[:-3],
        "iend-with-body": head + data + chunk(b"IEND", b"text"),
        "text-cut-behind-pixels": head + data + chunk(b"tEXt", b"Title\0" + b"text" * 99)[:-50],
        "text-crc-behind-pixels": head + data + chunk(b"tEXt", b"Title\0text", crc_error=True) + end,
        "unknown-critical-behind-pixels": head + data + chunk(b"ABCD", b"text") + end,
        "idat-crc": head + chunk(b"IDAT", packed, crc_error=True) + end,
        "idat-in-pieces": head + pieces + end,
        "idat-in-pieces-crc": head + chunk(b"IDAT", packed[:200], crc_error=True) + chunk(b"IDAT", packed[200:]) + end,
        "idat-empty-between": head + chunk(b"IDAT", packed[:99]) + chunk(b"IDAT") + chunk(b"IDAT", packed[99:]) + end,
        "idat-interrupted": head + chunk(b"IDAT", packed[:99]) + chunk(b"tEXt", b"Title\0a") + chunk(b"IDAT", packed[99:]) + end,
        "idat-missing": head + end,
        "idat-adler": head + chunk(b"IDAT", packed[:-4] + b"\0\0\0\0") + end,
        "idat-no-adler": head + chunk(b"IDAT", packed[:-4]) + end,
        "idat-too-long": head + chunk(b"IDAT", zlib.compress(raw + bytes(999))) + end,
        "idat-garbage-behind": head + chunk(b"IDAT", packed + b"text" * 99) + end,
        "idat-short-of-a-row": head + chunk(b"IDAT", zlib.compress(raw[:-row])) + end,
        "idat-short-of-half": head + chunk(b"IDAT", zlib.compress(raw[: len(raw) // 2])) + end,
        "filter-5": head + chunk(b"IDAT", zlib.compress(raw[: 20 * row] + b"\5" + raw[20 * row + 1 :])) + end,
        "filter-5-first": head + chunk(b"IDAT", zlib.compress(b"\5" + raw[1:])) + end,
        "ihdr-crc": chunk(b"IHDR", head[8:-4], crc_error=True) + data + end,
        "ihdr-twice": head + head + data + end,
        "ihdr-width-0": header(0, HEIGHT, 8, RGB) + data + end,
        "unknown-critical": head + chunk(b"ABCD", b"text") + data + end,
    }
    yield from ((f"png-{name}.png", SIGNATURE + body) for name, body in kinds.items())
    paletted = rows([[(3 + (x + y) % 13,) for x in range(WIDTH)] for y in range(HEIGHT)], 4)
    head, data = header(WIDTH, HEIGHT, 4, PALETTE), chunk(b"IDAT", zlib.compress(paletted))
    for name, palette in {
        "missing": b"", "short": chunk(b"PLTE", bytes(range(24))), "of-4-bytes": chunk(b"PLTE", b"\x0a\x14\x1e\x28"),
        "too-long": chunk(b"PLTE", bytes(range(255))), "crc": chunk(b"PLTE", bytes(range(48)), crc_error=True),
    }.items():  # fmt: skip
        yield f"png-plte-{name}.png", SIGNATURE + head + palette + data + end
    yield "png-signature-crlf.png", sound.replace(b"\r\n", b"\n", 1)


def _raw(png: bytes) -> bytes:
    at = png.index(b"IDAT")
    length = struct.unpack(">I", png[at - 4 : at])[0]
    return zlib.decompress(png[at + 4 : at + 4 + length])


# `drawn.SIZE` is the size of every picture above.
assert (WIDTH, HEIGHT) == drawn.SIZE
