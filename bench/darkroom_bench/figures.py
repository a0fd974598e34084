"""Statistics of the measured rounds. If a value was not measured, every statistic that uses it is None."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass
class Figures:
    """The measurements of one tool for one case, one value per round, and its scores."""

    cpu_ms: list[float] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    byte_len: int | None = None
    resized: Score | None = None
    """The score of lossless output of the same resize, without the effect of the encoder."""
    encoded: Score | None = None
    """The score of the encoded output."""


@dataclass(frozen=True)
class Score:
    """The similarity of a picture to the ideal: a full decode, then Lanczos3 in float."""

    ssim: float
    psnr: float


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float | None:
    """The ratio of the medians."""
    return median(ours) / median(theirs) if ours and theirs else None


def geometric_mean(ratios: Iterable[float | None]) -> float | None:
    """The geometric mean of all ratios; None if one is missing."""
    known = list(ratios)
    if not known or any(value is None for value in known):
        return None
    return math.exp(sum(math.log(value) for value in known if value is not None) / len(known))
