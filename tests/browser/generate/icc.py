"""ICC profiles that change colours visibly."""

from __future__ import annotations

import struct

# Primaries of sRGB as XYZ at D50, and the white point D50.
RED, GREEN, BLUE = (0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7141)
D50 = (0.9642, 1.0, 0.8249)


def rgb(red: tuple[float, ...], green: tuple[float, ...], blue: tuple[float, ...], gamma: float) -> bytes:
    """A display profile of three primaries and a gamma."""
    curve = b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256)) + b"\0\0"
    tags = {b"rXYZ": _xyz(red), b"gXYZ": _xyz(green), b"bXYZ": _xyz(blue)}
    return _profile(b"RGB ", {**tags, b"rTRC": curve, b"gTRC": curve, b"bTRC": curve})


def grey(gamma: float) -> bytes:
    """A profile of grey pictures."""
    return _profile(b"GRAY", {b"kTRC": b"curv" + struct.pack(">IIH", 0, 1, round(gamma * 256)) + b"\0\0"})


def swapped() -> bytes:
    """sRGB's primaries with red and green swapped."""
    return rgb(GREEN, RED, BLUE, 2.2)


def wide() -> bytes:
    """Adobe RGB (1998)."""
    return rgb((0.6097, 0.3111, 0.0195), (0.2053, 0.6257, 0.0609), (0.1492, 0.0632, 0.7446), 2.2)


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    text = "a profile".encode("utf-16-be")
    localised = b"mluc" + struct.pack(">IIIHHII", 0, 1, 12, 0x656E, 0x5553, len(text), 28) + text
    tags = {b"desc": localised, b"cprt": localised, b"wtpt": _xyz(D50), **tags}
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, content in tags.items():
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">II", start + len(body), len(content))
        body += content
    length = start + len(body)
    head = struct.pack(">I4s4s4s4s4s", length, b"\0\0\0\0", b"\4\x20\0\0", b"mntr", space, b"XYZ ")
    head += struct.pack(">HHHHHH", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + _xyz(D50)[8:] + bytes(48)
    return head[:128] + struct.pack(">I", len(tags)) + table + body
