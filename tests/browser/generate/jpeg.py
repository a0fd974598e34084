"""JPEG: scans, subsampling, colour models, orientation, and the oddities of cameras."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from PIL import Image

from generate import drawn, icc

SIZES = ((1, 1), (8, 8), (17, 33), (300, 2), (2, 300))
FOUR_BY_FOUR = {"444": "4:4:4", "422": "4:2:2", "420": "4:2:0"}


def pictures() -> Iterator[tuple[str, bytes]]:
    """Yields each file's name and bytes."""
    image = drawn.rgb()
    for progressive in (False, True):
        scans = "progressive" if progressive else "baseline"
        for name, subsampling in FOUR_BY_FOUR.items():
            yield f"{scans}-{name}.jpg", _jpeg(image, progressive=progressive, subsampling=subsampling)
        yield f"{scans}-grey.jpg", _jpeg(image.convert("L"), progressive=progressive)
        yield f"{scans}-restarts.jpg", _jpeg(image, progressive=progressive, restart_marker_blocks=2)
        yield f"{scans}-rgb.jpg", _jpeg(image, progressive=progressive, keep_rgb=True)
        yield f"{scans}-cmyk.jpg", _jpeg(image.convert("CMYK"), progressive=progressive)
        for width, height in SIZES:
            made = _jpeg(drawn.rgb((width, height)), progressive=progressive)
            yield f"{scans}-{width}x{height}.jpg", made
    for value in range(10):
        yield f"orientation-{value}.jpg", _jpeg(image, exif=drawn.orientation(value))
    yield "quality-5.jpg", _jpeg(image, quality=5)
    yield "quality-100.jpg", _jpeg(image, quality=100)
    yield "icc-swapped.jpg", _jpeg(image, icc_profile=icc.swapped())
    yield "icc-adobe-rgb.jpg", _jpeg(image, icc_profile=icc.wide())
    yield "icc-grey-gamma-1.jpg", _jpeg(image.convert("L"), icc_profile=icc.grey(1.0))
    yield "icc-of-rgb-in-grey.jpg", _jpeg(image.convert("L"), icc_profile=icc.swapped())
    yield "icc-broken.jpg", _jpeg(image, icc_profile=b"no profile at all")
    yield "density-300.jpg", _jpeg(image, dpi=(300, 300))
    yield from _odd(_jpeg(image))


def _odd(sound: bytes) -> Iterator[tuple[str, bytes]]:
    head, body = sound[:2], sound[2:]
    scan = sound.index(b"\xff\xda")
    parameters = scan + 2 + struct.unpack(">H", sound[scan + 2 : scan + 4])[0] - 3
    for name, odd in {"ss-1": b"\1\x3f\0", "se-0": b"\0\0\0", "se-62": b"\0\x3e\0", "ah-1": b"\0\x3f\x10", "al-1": b"\0\x3f\1"}.items():
        yield f"scan-{name}.jpg", sound[:parameters] + odd + sound[parameters + 3 :]
    yield "no-eoi.jpg", sound[:-2]
    yield "behind-eoi-text.jpg", sound + b"MotionPhoto_Data" * 9
    yield "behind-eoi-picture.jpg", sound + sound
    yield "instead-of-eoi-text.jpg", sound[:-2] + b"text" * 9
    yield "fill-bytes.jpg", head + b"\xff" * 7 + body
    yield "garbage-between-segments.jpg", head + b"\0\1\2" + body
    yield "comment.jpg", head + b"\xff\xfe\0\6text" + body
    yield "unknown-app.jpg", head + b"\xff\xeb\0\6text" + body
    yield "long-app.jpg", head + b"\xff\xe4\xff\xff" + bytes(65_533) + body
    yield "no-jfif.jpg", head + body[2 + struct.unpack(">H", body[2:4])[0] :]
    yield "two-soi.jpg", head + sound
    yield "segment-in-two.jpg", head + b"\xff\xe1\0\x08Exif\0\0" + body
    yield "jpg-named.png", sound


def _jpeg(image: Image.Image, **options: object) -> bytes:
    return drawn.saved(image, "JPEG", **{"quality": 90, **options})
