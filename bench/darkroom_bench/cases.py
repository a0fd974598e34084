"""The cases that are compared, with their targets: the rows of every table.

A case is one rendition of one picture. For a whole case, the process is measured from its start to its end. For a warm
case, each further rendition of a process that has made one is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

QUALITY = 85
"""The quality of every JPEG, on libjpeg's scale, which all three tools use."""


class Mode(Enum):
    """The part of a process that is measured."""

    WHOLE = "whole process"
    WARM = "warm"


@dataclass(frozen=True)
class Case:
    """One rendition: `photo` into a box of `width` × `height` px, as JPEG."""

    photo: str
    title: str
    width: int
    height: int
    mode: Mode = Mode.WARM
    cpu_at_most: float | None = None
    """The target, relative to sharp's CPU time."""
    memory_at_most: float | None = None
    """The target, relative to sharp's peak memory."""
    memory_over_idle_mb: float | None = None
    """The target in MB (10⁶ bytes) above an idle `darkroom` process."""
    big: bool = False
    """Measured only with `--big`; too big to be scored."""

    @property
    def key(self) -> str:
        """The name of the case's files and results."""
        return f"{self.photo.replace('.', '-')}-{self.width}-{self.mode.name.lower()}"


JPEGS = tuple(
    Case(f"j{megapixels}.jpg", f"{megapixels} MP JPEG → {box}", width, height, cpu_at_most=0.85)
    for megapixels in (12, 24, 50)
    for box, width, height in (("300", 300, 300), ("800×600", 800, 600), ("1920×1080", 1920, 1080))
)
JPEGS_GEOMETRIC_MEAN_AT_MOST = 0.75

CASES = (
    Case("j12.jpg", "12 MP JPEG → 800×600", 800, 600, Mode.WHOLE, cpu_at_most=0.33, memory_at_most=0.2),
    *JPEGS,
    Case("p12.png", "12 MP PNG → 800×600", 800, 600, cpu_at_most=0.6),
    Case("p12a.png", "12 MP RGBA PNG → 800×600", 800, 600, cpu_at_most=0.6),
    Case("w12.webp", "12 MP WebP → 800×600", 800, 600, cpu_at_most=0.85),
    Case("a12.avif", "12 MP AVIF → 800×600", 800, 600, cpu_at_most=1.0),
    Case("j12p.jpg", "12 MP progressive JPEG → 300", 300, 300, cpu_at_most=0.25),
    Case("j200.jpg", "200 MP JPEG → 2048", 2048, 2048, Mode.WHOLE, cpu_at_most=1.0, memory_over_idle_mb=16, big=True),
    Case("p50.png", "50 MP PNG → 2048", 2048, 2048, Mode.WHOLE, cpu_at_most=0.65, memory_over_idle_mb=16, big=True),
)

FUNCTION_PEAK_MB_AT_MOST = 64
FUNCTION_BINARY_MB_AT_MOST = 12
FUNCTION_START_MS_AT_MOST = 10
