"""Animations in every format that has them, sound and with a damaged animation."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from generate import drawn
from generate.chunks import SIGNATURE, chunk

DELAY_MS = 100


def pictures() -> Iterator[tuple[str, bytes]]:
    """Yields each file's name and bytes."""
    first, *rest = drawn.frames()
    options = {"save_all": True, "append_images": rest, "duration": DELAY_MS}
    yield "animation.gif", drawn.saved(first, "GIF", **options)
    yield "animation-dispose-2.gif", drawn.saved(first, "GIF", **options, disposal=2)
    yield "animation.webp", drawn.saved(first, "WEBP", **options)
    yield "animation-lossless.webp", drawn.saved(first, "WEBP", **options, lossless=True)
    clear = {**options, "append_images": [drawn.rgba()]}
    yield "animation-alpha.webp", drawn.saved(drawn.rgba(), "WEBP", **clear)
    yield "animation.avif", drawn.saved(first, "AVIF", **options, max_threads=1)
    apng = drawn.saved(first, "PNG", **options)
    yield "apng.png", apng
    yield "apng-hidden-still.png", drawn.saved(first, "PNG", **options, default_image=True)
    yield from _damaged(apng)


def _damaged(apng: bytes) -> Iterator[tuple[str, bytes]]:
    chunks = list(_chunks(apng))
    names = [name for name, _ in chunks]
    control, first_data = names.index(b"acTL"), names.index(b"fcTL")
    second = names.index(b"fcTL", first_data + 1)

    def written(changed: dict[int, bytes | None]) -> bytes:
        bodies = ((name, changed.get(at, body)) for at, (name, body) in enumerate(chunks))
        return SIGNATURE + b"".join(chunk(name, body) for name, body in bodies if body is not None)

    body = chunks[second][1]
    yield "apng-sequence-gap.png", written({second: struct.pack(">I", 7) + body[4:]})
    yield "apng-sequence-twice.png", written({second: struct.pack(">I", 0) + body[4:]})
    yield "apng-frame-outside.png", written({second: body[:4] + struct.pack(">IIII", 61, 43, 9, 9) + body[20:]})
    yield "apng-no-frame-control.png", written({second: None})
    yield "apng-first-without-control.png", written({first_data: None})
    for count in (0, 1, 2, 9, 2**31):
        yield f"apng-count-{count}.png", written({control: struct.pack(">II", count, 0)})
    yield "apng-control-short.png", written({control: b"\0\0\0\3"})
    yield "apng-no-animation-control.png", written({control: None})
    last = max(at for at, name in enumerate(names) if name == b"fdAT")
    yield "apng-last-frame-corrupt.png", written({last: chunks[last][1][:4] + b"no deflate"})
    yield "apng-last-frame-short.png", written({last: chunks[last][1][:40]})
    yield "apng-cut.png", apng[: len(apng) * 9 // 10]


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        length = struct.unpack(">I", png[at : at + 4])[0]
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length
