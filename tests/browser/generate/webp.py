"""WebP: lossy, lossless, alpha, metadata, and chunks in odd places."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from PIL import Image

from generate import drawn, icc


def pictures() -> Iterator[tuple[str, bytes]]:
    """Yields each file's name and bytes."""
    image, clear = drawn.rgb(), drawn.rgba()
    for quality in (5, 80, 100):
        yield f"lossy-{quality}.webp", _webp(image, quality=quality)
    yield "lossy-alpha.webp", _webp(clear)
    yield "lossy-alpha-5.webp", _webp(clear, alpha_quality=5)
    yield "lossless.webp", _webp(image, lossless=True)
    yield "lossless-alpha.webp", _webp(clear, lossless=True)
    yield "lossless-exact.webp", _webp(clear, lossless=True, exact=True)
    yield "lossless-palette.webp", _webp(image.quantize(8).convert("RGB"), lossless=True)
    yield "lossless-grey.webp", _webp(image.convert("L"), lossless=True)
    for width, height in ((1, 1), (300, 2), (17, 33)):
        for lossless in (False, True):
            made = _webp(drawn.rgb((width, height)), lossless=lossless)
            yield f"{'lossless' if lossless else 'lossy'}-{width}x{height}.webp", made
    for value in (1, 3, 6, 8):
        yield f"webp-orientation-{value}.webp", _webp(image, exif=drawn.orientation(value))
    yield "webp-icc-swapped.webp", _webp(image, icc_profile=icc.swapped())
    yield "webp-icc-broken.webp", _webp(image, icc_profile=b"no profile")
    yield "webp-xmp.webp", _webp(image, xmp=b"<x/>")
    sound = _webp(image, icc_profile=icc.wide())
    yield "webp-unknown-chunk.webp", _riff(sound[12:] + b"abcd\4\0\0\0text")
    yield "webp-behind-riff.webp", sound + b"text" * 9
    yield "webp-riff-too-short.webp", sound[:4] + struct.pack("<I", len(sound) // 2) + sound[8:]
    yield "webp-riff-too-long.webp", sound[:4] + struct.pack("<I", len(sound) * 2) + sound[8:]
    yield "webp-named.jpg", sound


def _riff(body: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def _webp(image: Image.Image, **options: object) -> bytes:
    return drawn.saved(image, "WEBP", **options)
