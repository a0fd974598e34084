"""BMP and ICO, which browsers show; and formats that they do not."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from generate import drawn


def pictures() -> Iterator[tuple[str, bytes]]:
    """Yields each file's name and bytes."""
    image, clear = drawn.rgb(), drawn.rgba()
    bmps = {"1": image.convert("1"), "8-grey": image.convert("L"), "8": image.quantize(200), "24": image, "32": clear}
    for name, made in bmps.items():
        yield f"bmp-{name}.bmp", drawn.saved(made, "BMP")
    yield "bmp-top-down.bmp", _top_down(drawn.saved(image, "BMP"))
    yield "bmp-cut.bmp", drawn.saved(image, "BMP")[:-2000]
    for name, bitmap_format in (("png", "png"), ("bmp", "bmp")):
        sizes = [(16, 16), (32, 32)]
        yield f"ico-{name}.ico", drawn.saved(drawn.rgba((48, 48)), "ICO", sizes=sizes, bitmap_format=bitmap_format)
        yield f"ico-{name}-of-rgb.ico", drawn.saved(drawn.rgb((48, 48)), "ICO", sizes=sizes[:1], bitmap_format=bitmap_format)
    for value in (1, 6):
        yield f"tiff-{value}.tif", drawn.saved(image, "TIFF", exif=drawn.orientation(value))
    yield "tiff-cmyk.tif", drawn.saved(image.convert("CMYK"), "TIFF")
    yield "picture.ppm", drawn.saved(image, "PPM")
    yield "picture.qoi", drawn.saved(image, "QOI")
    yield "picture.jp2", drawn.saved(image, "JPEG2000")
    yield "picture.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
    yield "document.pdf", drawn.saved(image, "PDF")
    yield "text.jpg", b"Dear Sir or Madam,\n" * 99
    yield "nothing.png", b""


def _top_down(bmp: bytes) -> bytes:
    """The same rows in a file whose height is negative, so that it is shown upside down."""
    height = struct.unpack("<i", bmp[22:26])[0]
    return bmp[:22] + struct.pack("<i", -height) + bmp[26:]
