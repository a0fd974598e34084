"""Classifies how a picture of the browser and Darkroom's rendition of it agree."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from rendered import Rendering


class Result(Enum):
    """How the browser and Darkroom agree about a file."""

    AGREE = "agree"
    NEITHER = "neither shows it"
    MORE = "more here"
    """The browser leaves a part transparent that Darkroom has; all other pixels agree."""
    SIZE = "another size"
    PIXELS = "other pixels"
    ONLY_BROWSER = "only the browser shows it"
    ONLY_DARKROOM = "only Darkroom renders it"
    FAILED = "failed"
    """Darkroom crashed, or the page could not compare the two."""

    @property
    def is_difference(self) -> bool:
        return self not in (Result.AGREE, Result.NEITHER)


@dataclass(frozen=True)
class Tolerance:
    """What two decoders of a format may differ by, where 255 is black beside white."""

    most: float
    """Of any pixel."""
    mean: float
    """Of all pixels."""
    share: float = 0.0
    """The share of pixels that may exceed `most`."""


# Lossless formats have one right answer. Colour conversion may round it to a neighbour, or two in dark colours.
EXACT = Tolerance(most=3, mean=1)
# Decoders of lossy formats differ in the cosine transform, in the way to enlarge chroma, and in rounding.
LOSSY = Tolerance(most=8, mean=1.5, share=0.01)
# Chromium reduces 16 bits to 8 before it converts colours, so that nearly black ones lose precision.
SIXTEEN_BITS = Tolerance(most=8, mean=1, share=0.01)
TOLERANCES = {"jpeg": LOSSY, "avif": LOSSY, "webp": LOSSY, "png, 16 bits": SIXTEEN_BITS}


@dataclass(frozen=True)
class Verdict:
    """The result for a file, and the facts behind it in a few words."""

    result: Result
    facts: str


def judge(file_format: str, rendering: Rendering, measured: dict[str, Any]) -> Verdict:
    """Classifies a file by what the page measured (page.js)."""
    if rendering.code in ("failed", "crashed"):
        return Verdict(Result.FAILED, f"{rendering.code}: {rendering.message}")
    if error := measured.get("error"):
        return Verdict(Result.FAILED, f"not compared: {error}")
    theirs, ours, compared = measured["theirs"], measured["ours"], measured["compared"]
    refusal = f"{rendering.code}: {rendering.message}"
    damaged = "; damaged" if rendering.damaged else ""
    if not theirs:
        return Verdict(Result.ONLY_DARKROOM, _size(ours) + damaged) if ours else Verdict(Result.NEITHER, refusal)
    if not ours and measured["empty"]:
        return Verdict(Result.NEITHER, f"{_size(theirs)}, all transparent, in the browser; {refusal}")
    if not ours:
        return Verdict(Result.ONLY_BROWSER, f"{_size(theirs)}; {refusal}")
    if not compared:
        return Verdict(Result.SIZE, f"{_size(theirs)} in the browser, {_size(ours)} here{damaged}")
    return _pixels(file_format, rendering, compared)


def _pixels(file_format: str, rendering: Rendering, compared: dict[str, Any]) -> Verdict:
    tolerance = TOLERANCES.get(file_format) or TOLERANCES.get(file_format.partition(",")[0], EXACT)
    count, missing = compared["pixels"], compared["missing"]
    seen = max(1, count - missing)
    exceeding = compared["over"][str(int(tolerance.most))] if tolerance.share else compared["most"] > tolerance.most
    mean = compared["sum"] / seen
    part = f"{missing / count:.1%} missing in the browser" if missing else ""
    if mean > tolerance.mean or exceeding > tolerance.share * seen:
        facts = (_distance(compared, mean, seen), part, "damaged" if rendering.damaged else "")
        return Verdict(Result.PIXELS, "; ".join(filter(None, facts)))
    if missing and not rendering.damaged:
        return Verdict(Result.MORE, part)
    return Verdict(Result.AGREE, part)


def _distance(compared: dict[str, Any], mean: float, seen: int) -> str:
    at = compared["at"]
    worst = f"{tuple(at['theirs'])} in the browser, {tuple(at['ours'])} here, at ({at['x']}, {at['y']})"
    return f"mean {mean:.2f}, most {compared['most']:.0f} ({worst}), {compared['over']['8'] / seen:.1%} of pixels over 8"


def _size(picture: dict[str, Any]) -> str:
    return f"{picture['width']}×{picture['height']}"
