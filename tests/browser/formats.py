"""The format of a file, by its first bytes: for the table and for the tolerance, not for a verdict."""

from __future__ import annotations

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


def format_of(head: bytes) -> str:
    """The format's name in lower case; `other` if it is unknown."""
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp"
    if head[4:8] == b"ftyp":
        return "avif" if b"avif" in head[8:64] or b"avis" in head[8:64] else "heif"
    if len(head) > 2 and head[:1] == b"P" and head[1:2] in b"1234567" and head[2:3].isspace():
        return "pnm"
    return next((name for signature, name in SIGNATURES if head.startswith(signature)), "other")
