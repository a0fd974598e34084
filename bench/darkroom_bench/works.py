"""What is compared, and what is asked of each: the rows of every table.

A work is one rendition of one picture. Whole works count the process from its start to its end; warm works count
what each further rendition costs a process that has made one already.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

QUALITY = 85
"""Of every JPEG that is written. libjpeg's scale, which all three tools use."""


class Mode(Enum):
    """What of a process is counted."""

    WHOLE = "whole process"
    WARM = "warm"


@dataclass(frozen=True)
class Work:
    """One rendition: `photo` into a box of `width` × `height` px, as JPEG."""

    photo: str
    title: str
    width: int
    height: int
    mode: Mode = Mode.WARM
    cpu_at_most: float | None = None
    """As a part of sharp's CPU time."""
    memory_at_most: float | None = None
    """As a part of sharp's peak memory."""
    memory_over_idle_mb: float | None = None
    """In MB (10⁶ bytes) above what an idle `darkroom` takes."""
    big: bool = False
    """Only with `--big`; too big to be scored."""

    @property
    def key(self) -> str:
        """Names its files and its results."""
        return f"{self.photo.replace('.', '-')}-{self.width}-{self.mode.name.lower()}"


JPEGS = tuple(
    Work(f"j{megapixels}.jpg", f"{megapixels} MP JPEG → {box}", width, height, cpu_at_most=0.85)
    for megapixels in (12, 24, 50)
    for box, width, height in (("300", 300, 300), ("800×600", 800, 600), ("1920×1080", 1920, 1080))
)
JPEGS_GEOMETRIC_MEAN_AT_MOST = 0.75

WORKS = (
    Work("j12.jpg", "12 MP JPEG → 800×600", 800, 600, Mode.WHOLE, cpu_at_most=0.33, memory_at_most=0.2),
    *JPEGS,
    Work("p12.png", "12 MP PNG → 800×600", 800, 600, cpu_at_most=0.6),
    Work("p12a.png", "12 MP RGBA PNG → 800×600", 800, 600, cpu_at_most=0.6),
    Work("w12.webp", "12 MP WebP → 800×600", 800, 600, cpu_at_most=0.85),
    Work("j12p.jpg", "12 MP progressive JPEG → 300", 300, 300, cpu_at_most=0.25),
    Work("j200.jpg", "200 MP JPEG → 2048", 2048, 2048, Mode.WHOLE, cpu_at_most=1.0, memory_over_idle_mb=16, big=True),
    Work("p50.png", "50 MP PNG → 2048", 2048, 2048, Mode.WHOLE, cpu_at_most=0.65, memory_over_idle_mb=16, big=True),
)

FUNCTION_PEAK_MB_AT_MOST = 64
FUNCTION_BINARY_MB_AT_MOST = 12
FUNCTION_START_MS_AT_MOST = 10
