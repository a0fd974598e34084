"""Packs bits into bytes, the first bit into the lowest position."""

from __future__ import annotations


class Bits:
    """A writer of bit fields, each with its lowest bit first."""

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._pending = 0
        self._count = 0

    def write(self, value: int, width: int) -> Bits:
        """Appends the lowest `width` bits of `value`."""
        self._pending |= value << self._count
        self._count += width
        while self._count >= 8:
            self._bytes.append(self._pending & 0xFF)
            self._pending >>= 8
            self._count -= 8
        return self

    def bytes(self) -> bytes:
        """All bits; the last byte is padded with zeros."""
        return bytes(self._bytes) + (bytes([self._pending]) if self._count else b"")
