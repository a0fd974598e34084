"""The picture behind most files: every corner another colour, smooth parts and hard edges, so that no two orientations
look alike."""

from __future__ import annotations

import io
import math

from PIL import Image, ImageDraw

# No multiple of a block of 8 or 16 pixels.
SIZE = (61, 43)


def rgb(size: tuple[int, int] = SIZE) -> Image.Image:
    """The picture in colour."""
    width, height = size
    pixels = [
        (
            x * 255 // max(1, width - 1),
            y * 255 // max(1, height - 1),
            int(128 + 127 * math.sin(x / 7 + y / 11)),
        )
        for y in range(height)
        for x in range(width)
    ]
    image = Image.new("RGB", size)
    image.putdata(pixels)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width // 4, height // 4), fill=(200, 40, 40))
    draw.rectangle((width * 3 // 4, 0, width, height // 5), fill=(255, 255, 255))
    draw.ellipse((width // 2, height // 2, width * 7 // 8, height * 7 // 8), fill=(30, 60, 220))
    draw.line((0, height - 1, width // 2, height // 2), fill=(0, 0, 0))
    return image


def rgba(size: tuple[int, int] = SIZE) -> Image.Image:
    """The picture with alpha: a slope, and a corner that is transparent."""
    image = rgb(size).convert("RGBA")
    width, height = size
    alpha = Image.new("L", size)
    alpha.putdata([min(255, 40 + x * 300 // width) for _ in range(height) for x in range(width)])
    ImageDraw.Draw(alpha).rectangle((0, height * 3 // 4, width // 4, height), fill=0)
    image.putalpha(alpha)
    return image


def frames(count: int = 3) -> list[Image.Image]:
    """An animation: the picture, with a square that moves."""
    made = []
    for number in range(count):
        frame = rgb()
        ImageDraw.Draw(frame).rectangle((10 + 12 * number, 15, 20 + 12 * number, 25), fill=(255, 220, 0))
        made.append(frame)
    return made


def saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    """The bytes of a picture in a format of Pillow."""
    out = io.BytesIO()
    image.save(out, file_format, **options)
    return out.getvalue()


def orientation(value: int) -> bytes:
    """EXIF data with an orientation only."""
    exif = Image.Exif()
    exif[0x0112] = value
    return exif.tobytes()
