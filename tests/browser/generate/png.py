"""PNG: every type, depth and interlacing; colours by each chunk that names them; chunks in odd places."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from generate import drawn, icc
from generate.chunks import GREY, GREY_ALPHA, PALETTE, RGB, RGBA, SIGNATURE, chunk, header, rows

DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGBA: (8, 16)}
NAMES = {GREY: "grey", RGB: "rgb", PALETTE: "palette", GREY_ALPHA: "grey-alpha", RGBA: "rgba"}
WIDTH, HEIGHT = drawn.SIZE
# Primaries and white point of sRGB, and others with red and green swapped, in units of 1/100,000.
SRGB_CHRM = (31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000)
SWAPPED_CHRM = (31_270, 32_900, 30_000, 60_000, 64_000, 33_000, 15_000, 6_000)


def pictures() -> Iterator[tuple[str, bytes]]:
    """Yields each file's name and bytes."""
    for colours, depths in DEPTHS.items():
        for depth in depths:
            for interlaced in (0, 1):
                kind = f"{NAMES[colours]}-{depth}{'-interlaced' if interlaced else ''}"
                yield f"{kind}.png", png(colours, depth, interlaced)
    yield from _transparent()
    yield from _colours()
    yield from _chunks()
    for width, height in ((1, 1), (3, 200), (200, 3), (7, 7)):
        yield f"interlaced-{width}x{height}.png", drawn_as(drawn.rgb((width, height)), interlaced=1)


def png(colours: int, depth: int, interlaced: int = 0, before: bytes = b"", after: bytes = b"") -> bytes:
    """The drawn picture; `before` is put before its palette, `after` behind it."""
    samples = _samples(colours, depth)
    data = chunk(b"IDAT", zlib.compress(rows(samples, depth, interlaced)))
    palette = chunk(b"PLTE", _palette(depth)) if colours == PALETTE else b""
    return SIGNATURE + header(WIDTH, HEIGHT, depth, colours, interlaced) + before + palette + after + data + chunk(b"IEND")


def drawn_as(image: object, *, interlaced: int = 0) -> bytes:
    """A picture as RGB of 8 bits."""
    width, height = image.size
    pixels = list(image.getdata())
    samples = [pixels[y * width : (y + 1) * width] for y in range(height)]
    data = chunk(b"IDAT", zlib.compress(rows(samples, 8, interlaced)))
    return SIGNATURE + header(width, height, 8, RGB, interlaced) + data + chunk(b"IEND")


def _samples(colours: int, depth: int) -> list[list[tuple[int, ...]]]:
    modes = {GREY: "L", RGB: "RGB", PALETTE: "L", GREY_ALPHA: "LA", RGBA: "RGBA"}
    image = drawn.rgba().convert(modes[colours]) if colours in (GREY_ALPHA, RGBA) else drawn.rgb().convert(modes[colours])
    pixels = list(image.getdata())
    pixels = [pixel if isinstance(pixel, tuple) else (pixel,) for pixel in pixels]
    scaled = [tuple(value * 257 if depth == 16 else value >> (8 - depth) for value in pixel) for pixel in pixels]
    return [scaled[y * WIDTH : (y + 1) * WIDTH] for y in range(HEIGHT)]


def _palette(depth: int) -> bytes:
    count = 1 << depth
    return b"".join(bytes((255 - at * 255 // (count - 1), at * 255 // (count - 1), at * 77 % 256)) for at in range(count))


def _transparent() -> Iterator[tuple[str, bytes]]:
    yield "trns-grey-1.png", png(GREY, 1, before=chunk(b"tRNS", b"\0\1"))
    yield "trns-grey-8.png", png(GREY, 8, before=chunk(b"tRNS", b"\0\xff"))
    yield "trns-grey-16.png", png(GREY, 16, before=chunk(b"tRNS", b"\xff\xff"))
    yield "trns-rgb-8.png", png(RGB, 8, before=chunk(b"tRNS", struct.pack(">HHH", 200, 40, 40)))
    yield "trns-rgb-16.png", png(RGB, 16, before=chunk(b"tRNS", struct.pack(">HHH", 200 * 257, 40 * 257, 40 * 257)))
    yield "trns-palette-4.png", png(PALETTE, 4, after=chunk(b"tRNS", bytes(range(0, 256, 32))))
    yield "trns-palette-too-long.png", png(PALETTE, 2, after=chunk(b"tRNS", bytes(range(0, 200, 10))))
    yield "trns-in-rgba.png", png(RGBA, 8, before=chunk(b"tRNS", b"\0\xff\0\xff\0\xff"))


def _colours() -> Iterator[tuple[str, bytes]]:
    srgb, profile = chunk(b"sRGB", b"\0"), chunk(b"iCCP", b"swapped\0\0" + zlib.compress(icc.swapped()))
    gamma = {name: chunk(b"gAMA", struct.pack(">I", value)) for name, value in {"1": 100_000, "2.2": 45_455, "0": 0, "3": 33_333}.items()}
    primaries = {name: chunk(b"cHRM", struct.pack(">8I", *values)) for name, values in {"srgb": SRGB_CHRM, "swapped": SWAPPED_CHRM}.items()}
    cicp = {
        "srgb": bytes((1, 13, 0, 1)), "p3": bytes((12, 13, 0, 1)), "bt2020": bytes((9, 14, 0, 1)), "linear": bytes((1, 8, 0, 1)),
        "pq": bytes((9, 16, 0, 1)), "hlg": bytes((9, 18, 0, 1)), "unspecified": bytes((2, 2, 0, 1)), "narrow": bytes((1, 13, 0, 0)),
        "ycbcr": bytes((1, 13, 1, 1)), "reserved": bytes((200, 200, 0, 1)),
    }  # fmt: skip
    kinds = {
        "srgb": srgb, "iccp": profile, "srgb-iccp": srgb + profile,
        "iccp-broken": chunk(b"iCCP", b"broken\0\0" + zlib.compress(b"no profile")),
        "iccp-broken-deflate": chunk(b"iCCP", b"broken\0\0no deflate"),
        "iccp-broken-gama": gamma["1"] + chunk(b"iCCP", b"broken\0\0" + zlib.compress(b"no profile")),
        "srgb-gama-1": srgb + gamma["1"], "iccp-gama-1": profile + gamma["1"], "gama-chrm-swapped": gamma["2.2"] + primaries["swapped"],
        "gama-1-chrm-srgb": gamma["1"] + primaries["srgb"], "chrm-swapped": primaries["swapped"],
        "cicp-p3-iccp": chunk(b"cICP", cicp["p3"]) + profile, "cicp-srgb-iccp": chunk(b"cICP", cicp["srgb"]) + profile,
        "cicp-srgb-gama-1": chunk(b"cICP", cicp["srgb"]) + gamma["1"], "cicp-short": chunk(b"cICP", b"\1\x0d\0"),
        **{f"gama-{name}": body for name, body in gamma.items()},
        **{f"cicp-{name}": chunk(b"cICP", body) for name, body in cicp.items()},
    }  # fmt: skip
    for name, before in kinds.items():
        yield f"colour-{name}.png", png(RGB, 8, before=before)
    for name in ("gama-1", "iccp", "cicp-p3"):
        yield f"colour-{name}-rgba-16.png", png(RGBA, 16, before=kinds[name])
        yield f"colour-{name}-palette.png", png(PALETTE, 4, before=kinds[name], after=chunk(b"tRNS", bytes(range(0, 256, 32))))
    yield "colour-gama-1-grey.png", png(GREY, 8, before=gamma["1"])
    yield "colour-iccp-grey.png", png(GREY, 8, before=chunk(b"iCCP", b"grey\0\0" + zlib.compress(icc.grey(1.0))))
    yield "colour-iccp-of-rgb-in-grey.png", png(GREY, 8, before=profile)
    yield "colour-iccp-of-grey-in-rgb.png", png(RGB, 8, before=chunk(b"iCCP", b"grey\0\0" + zlib.compress(icc.grey(1.0))))


def _chunks() -> Iterator[tuple[str, bytes]]:
    kinds = {
        "bkgd": chunk(b"bKGD", b"\0\0\0\xff\0\0"), "phys": chunk(b"pHYs", struct.pack(">IIB", 2000, 1000, 1)),
        "sbit": chunk(b"sBIT", b"\5\5\5"), "unknown-ancillary": chunk(b"prVt", b"text"), "text": chunk(b"tEXt", b"Title\0a picture"),
        "text-bad": chunk(b"zTXt", b"Title\0\0no deflate"), "time-short": chunk(b"tIME", b"\7"), "hist": chunk(b"hIST", b"\0\1"),
        "plte-suggested": chunk(b"PLTE", bytes(range(30))), "ancillary-crc": chunk(b"tEXt", b"Title\0a", crc_error=True),
    }  # fmt: skip
    for name, before in kinds.items():
        yield f"chunk-{name}.png", png(RGB, 8, before=before)
    for value in (1, 3, 6, 7):
        exif = drawn.orientation(value).removeprefix(b"Exif\0\0")
        yield f"exif-{value}.png", png(RGB, 8, before=chunk(b"eXIf", exif))
    exif = drawn.orientation(6).removeprefix(b"Exif\0\0")
    sound = png(RGB, 8)
    yield "exif-6-behind-pixels.png", sound[:-12] + chunk(b"eXIf", exif) + sound[-12:]
    yield "text-behind-pixels.png", sound[:-12] + chunk(b"tEXt", b"Title\0a picture") + sound[-12:]
    yield "png-named.jpg", sound
