"""Damages valid pictures: truncated, with flipped bits, spliced, mixed with other formats, and with a wrong
extension."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path

TRUNCATIONS = 32
FLIPPED_COPIES = 48
EXTENSIONS = ("jpg", "png", "webp", "gif", "txt", "exe")


def damaged(sound: Path) -> Iterator[tuple[str, bytes]]:
    """Yields each file of the folder with every kind of damage, named after the damage. The same in every run."""
    whole = {path.name: path.read_bytes() for path in sorted(sound.iterdir())}
    for name, picture in whole.items():
        yield from _cut(name, picture)
        yield from _flipped(name, picture)
        yield from _polyglots(name, picture)
        for extension in EXTENSIONS:
            yield f"misnamed-{name}.{extension}", picture
        for other, head in whole.items():
            if other != name:
                yield f"spliced-{other}-{name}", head[: len(head) // 2] + picture[len(picture) // 2 :]
    yield from _no_pictures()


def _cut(name: str, picture: bytes) -> Iterator[tuple[str, bytes]]:
    for part in range(TRUNCATIONS):
        yield f"cut-{part:02}-{name}", picture[: len(picture) * part // TRUNCATIONS]
    yield f"cut-last-{name}", picture[:-1]


def _flipped(name: str, picture: bytes) -> Iterator[tuple[str, bytes]]:
    chance = random.Random(name)
    for number in range(FLIPPED_COPIES):
        flipped = bytearray(picture)
        # Half of them in the header.
        reach = len(flipped) if number % 2 else min(len(flipped), 64)
        for _ in range(chance.choice((1, 1, 2, 8))):
            flipped[chance.randrange(reach)] ^= 1 << chance.randrange(8)
        yield f"flipped-{number:02}-{name}", bytes(flipped)
    for number in range(8):
        start, length = chance.randrange(len(picture)), chance.randrange(1, 200)
        for fill in (b"\0", b"\xff"):
            yield f"blotted-{number}-{fill.hex()}-{name}", picture[:start] + fill * length + picture[start + length :]


def _polyglots(name: str, picture: bytes) -> Iterator[tuple[str, bytes]]:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("harm.class", b"\xca\xfe\xba\xbe" * 99)
    script = b"<script>alert(document.domain)</script>"
    yield f"polyglot-zip-{name}", picture + archive.getvalue()
    yield f"polyglot-html-{name}", picture + script
    yield f"polyglot-php-{name}", picture + b"<?php system($_GET['c']); ?>"
    yield f"polyglot-itself-{name}", picture * 3
    for head in (b"%PDF-1.7\n", b"MZ", b"<!DOCTYPE html>" + script, b"\0", b"\xef\xbb\xbf"):
        yield f"polyglot-behind-{head[:4].hex()}-{name}", head + picture


def _no_pictures() -> Iterator[tuple[str, bytes]]:
    noise = random.Random("noise")
    yield "nothing.jpg", b""
    yield "zero.jpg", b"\0"
    yield "svg-script.png", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    yield "svg-entities.png", (
        b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "harm"><!ENTITY b "' + b"&a;" * 999 + b'">]><svg>&b;</svg>'
    )
    yield "imagemagick.mvg.jpg", b"push graphic-context\nviewbox 0 0 640 480\nfill 'url(https://127.0.0.1/\"|id\")'"
    yield "pixels.ppm.png", b"P6\n99999 99999\n255\n"
    yield "text.jpg", b"Dear Sir or Madam,\n" * 99
    for number in range(8):
        yield f"noise-{number}.jpg", noise.randbytes(5_000)
