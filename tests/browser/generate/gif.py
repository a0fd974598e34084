"""GIF: palettes, transparency, interlacing, screens and extensions of every kind."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from generate import drawn

RED_GREEN_BLUE_WHITE = bytes((200, 40, 40, 30, 200, 60, 30, 60, 220, 255, 255, 255))
OTHERS = bytes((255, 220, 0, 0, 0, 0, 255, 0, 255, 90, 90, 90))
EXTENSIONS = {
    "comment": b"!\xfe\4text\0", "application": b"!\xff\x0bNETSCAPE2.0\3\1\0\0\0", "plain-text": b"!\1\x0c" + bytes(12) + b"\1a\0",
    "unknown": b"!\x99\4text\0", "unknown-long": b"!\x42" + (b"\xff" + bytes(255)) * 3 + b"\0", "empty": b"!\xfe\0",
}  # fmt: skip


def pictures() -> Iterator[tuple[str, bytes]]:
    """Yields each file's name and bytes."""
    image = drawn.rgb().quantize(64)
    yield "gif-64-colours.gif", drawn.saved(image, "GIF")
    yield "gif-64-colours-interlaced.gif", drawn.saved(image, "GIF", interlace=1)
    yield "gif-transparent.gif", drawn.saved(image, "GIF", transparency=5)
    yield "gif-grey.gif", drawn.saved(drawn.rgb().convert("L"), "GIF")
    yield "gif-2-colours.gif", drawn.saved(drawn.rgb().convert("1"), "GIF")
    for name, extension in EXTENSIONS.items():
        yield f"extension-{name}.gif", gif((20, 14), [extension, frame((0, 0, 20, 14))])
    for name, screen, place in [
        ("frame-within", (20, 14), (5, 3, 9, 7)), ("frame-larger", (8, 6), (0, 0, 20, 14)), ("frame-outside", (8, 6), (4, 3, 20, 14)),
        ("screen-0", (0, 0), (0, 0, 20, 14)), ("screen-0-wide", (20, 0), (0, 0, 20, 14)), ("frame-far-outside", (8, 6), (30, 30, 20, 14)),
    ]:  # fmt: skip
        yield f"{name}.gif", gif(screen, [frame(place)])
    first, second = frame((0, 0, 20, 14)), frame((2, 2, 9, 9), palette=OTHERS)
    yield "palette-local.gif", gif((20, 14), [frame((0, 0, 20, 14), palette=OTHERS)], palette=b"")
    yield "palette-none.gif", gif((20, 14), [first], palette=b"")
    yield "palette-none-first.gif", gif((20, 14), [first, second], palette=b"")
    yield "palette-none-second.gif", gif((20, 14), [frame((0, 0, 20, 14), palette=OTHERS), frame((2, 2, 9, 9))], palette=b"")
    yield "palette-local-and-global.gif", gif((20, 14), [second, first])
    yield "index-outside-palette.gif", gif((20, 14), [frame((0, 0, 20, 14))], palette=RED_GREEN_BLUE_WHITE[:6])
    for flags, name in [(1, "transparent"), (0, "opaque"), (1 | 2 << 2, "dispose-background"), (1 | 3 << 2, "dispose-previous")]:
        control = b"!\xf9\4" + struct.pack("<BHB", flags, 10, 1) + b"\0"
        yield f"control-{name}.gif", gif((20, 14), [control, first, control, second])
    yield "version-87a.gif", gif((20, 14), [first]).replace(b"GIF89a", b"GIF87a", 1)
    yield "background-2.gif", gif((20, 14), [frame((5, 3, 9, 7))], background=2)
    yield "no-trailer.gif", gif((20, 14), [first])[:-1]
    yield "behind-trailer.gif", gif((20, 14), [first]) + b"text" * 9
    yield "no-frame.gif", gif((20, 14), [])
    yield "second-frame-damaged.gif", gif((20, 14), [first, second[: len(second) // 2]])
    yield "code-size-8.gif", gif((20, 14), [frame((0, 0, 20, 14), code_size=8)])


def gif(
    screen: tuple[int, int], blocks: Sequence[bytes], *, palette: bytes = RED_GREEN_BLUE_WHITE, background: int = 0
) -> bytes:
    """A file of these blocks."""
    flags = 0x80 | _bits(palette) if palette else 0
    return b"GIF89a" + struct.pack("<HHBBB", *screen, flags, background, 0) + palette + b"".join(blocks) + b";"


def frame(place: tuple[int, int, int, int], *, palette: bytes = b"", code_size: int = 2) -> bytes:
    """A frame: stripes of four colours, not compressed. `place` is its left, top, width and height."""
    _, _, width, height = place
    pixels = [(x // 3 + y // 2) % 4 for y in range(height) for x in range(width)]
    flags = 0x80 | _bits(palette) if palette else 0
    return b"," + struct.pack("<HHHHB", *place, flags) + palette + bytes((code_size,)) + _codes(pixels, code_size) + b"\0"


def _bits(palette: bytes) -> int:
    return max(0, (len(palette) // 3 - 1).bit_length() - 1)


def _codes(pixels: Sequence[int], code_size: int) -> bytes:
    # The table is cleared before a code would need one more bit.
    clear, end, bits, at, width = 1 << code_size, (1 << code_size) + 1, 0, 0, code_size + 1
    codes = []
    for index, pixel in enumerate(pixels):
        if index % ((1 << code_size) - 2) == 0:
            codes.append(clear)
        codes.append(pixel)
    for code in [*codes, end]:
        bits |= code << at
        at += width
    packed = bits.to_bytes(-(-at // 8), "little")
    return b"".join(bytes((len(packed[i : i + 255]),)) + packed[i : i + 255] for i in range(0, len(packed), 255))
