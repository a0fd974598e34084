"""AVIF: subsampling, alpha, orientation, profiles. Pillow writes 8 bits only."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

from generate import drawn, icc


def pictures() -> Iterator[tuple[str, bytes]]:
    """Yields each file's name and bytes."""
    image, clear = drawn.rgb(), drawn.rgba()
    for subsampling in ("4:4:4", "4:2:2", "4:2:0", "4:0:0"):
        yield f"avif-{subsampling.replace(':', '')}.avif", _avif(image, subsampling=subsampling)
    for size in ((1, 1), (17, 33), (300, 2), (130, 70)):
        yield f"avif-{size[0]}x{size[1]}.avif", _avif(drawn.rgb(size))
    yield "avif-quality-20.avif", _avif(image, quality=20)
    yield "avif-quality-100.avif", _avif(image, quality=100, subsampling="4:4:4")
    yield "avif-limited-range.avif", _avif(image, range="limited")
    yield "avif-alpha.avif", _avif(clear)
    yield "avif-alpha-premultiplied.avif", _avif(clear, alpha_premultiplied=True)
    yield "avif-grey.avif", _avif(image.convert("L"))
    for value in range(1, 9):
        yield f"avif-orientation-{value}.avif", _avif(image, exif=drawn.orientation(value))
    yield "avif-icc-swapped.avif", _avif(image, icc_profile=icc.swapped())
    yield "avif-icc-adobe-rgb.avif", _avif(image, icc_profile=icc.wide())
    yield "avif-tiles.avif", _avif(drawn.rgb((600, 520)), tile_rows=1, tile_cols=1)
    yield "avif-named.jpg", _avif(image)


def _avif(image: Image.Image, **options: object) -> bytes:
    # One thread, so that every machine writes the same bytes.
    return drawn.saved(image, "AVIF", **{"quality": 85, "max_threads": 1, **options})
