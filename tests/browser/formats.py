"""The format of a file, by its bytes: for the table, the tolerance and the known differences, not for a verdict.

Kinds that Chromium shows in a way of its own have names of their own.
"""

from __future__ import annotations

import struct

ORIENTATION = 0x0112
SIGNATURES = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"\0\0\1\0", "ico"),
    (b"\0\0\2\0", "ico"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"qoif", "qoi"),
    (b"\xff\x0a", "jpeg xl"),
    (b"\0\0\0\x0cJXL ", "jpeg xl"),
)


def format_of(content: bytes) -> str:
    """The format's name in lower case; `other` if it is unknown."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp, oriented" if _is_oriented(content) else "webp"
    if content[4:8] == b"ftyp":
        return _kind_of_avif(content) if b"avif" in content[8:64] or b"avis" in content[8:64] else "heif"
    if len(content) > 2 and content[:1] == b"P" and content[1:2] in b"1234567" and content[2:3].isspace():
        return "pnm"
    name = next((name for signature, name in SIGNATURES if content.startswith(signature)), "other")
    if name != "png":
        return name
    return "apng, own still" if _has_own_still(content) else "png, 16 bits" if content[24:25] == b"\x10" else "png"


def _kind_of_avif(content: bytes) -> str:
    """Cropped, or with alpha; its properties stand in the first kilobytes."""
    properties = content[:4096]
    return "avif, cropped" if b"clap" in properties else "avif, alpha" if b"auxC" in properties else "avif"


def _has_own_still(png: bytes) -> bool:
    """Whether the picture of programs without animation is no frame of the animation."""
    names = []
    at = 8
    while at + 8 <= len(png) and b"IDAT" not in names:
        length, name = struct.unpack(">I4s", png[at : at + 8])
        names.append(name)
        at += 12 + length
    return b"acTL" in names and b"fcTL" not in names


def _is_oriented(webp: bytes) -> bool:
    """Whether the EXIF data has an orientation other than 1."""
    tiff = webp.partition(b"EXIF")[2][4:].removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None or len(tiff) < 10:
        return False
    start = struct.unpack(order + "I", tiff[4:8])[0]
    (count,) = struct.unpack(order + "H", tiff[start : start + 2].ljust(2, b"\0"))
    entries = (tiff[at : at + 12] for at in range(start + 2, start + 2 + 12 * count, 12))
    values = [struct.unpack(order + "HHIH", entry[:10]) for entry in entries if len(entry) == 12]
    return any(tag == ORIENTATION and 2 <= value <= 8 for tag, _, _, value in values)
