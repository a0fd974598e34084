"""Statistics: what many rounds come down to. Refuses to make up what was not measured."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Figures:
    """What one tool took for one work, a value for each round; and how near to the ideal it came."""

    cpu_ms: list[float] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    byte_len: int | None = None
    resized: Score | None = None
    """Of lossless output of the same resize: the encoder hides nothing."""
    encoded: Score | None = None
    """Of the encoded bytes."""


@dataclass(frozen=True)
class Score:
    """How near a picture is to the ideal: a full decode, then Lanczos3 in float."""

    ssim: float
    psnr: float


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """Of the medians."""
    return median(ours) / median(theirs) if ours and theirs else None


def geometric_mean(ratios: Iterable[float | None]) -> float | None:
    """Of all; none when one is missing, since the mean of the others is the mean of something else."""
    known = list(ratios)
    if not known or any(value is None for value in known):
        return None
    return math.exp(sum(math.log(value) for value in known if value is not None) / len(known))
