"""Compares the measurements with the targets. A target without a measurement is neither met nor missed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from statistics import median

from .cases import (
    CASES,
    FUNCTION_BINARY_MB_AT_MOST,
    FUNCTION_PEAK_MB_AT_MOST,
    FUNCTION_START_MS_AT_MOST,
    JPEGS,
    JPEGS_GEOMETRIC_MEAN_AT_MOST,
    Case,
)
from .compare import Results
from .figures import Figures, geometric_mean, ratio
from .function import MEMORY_MB, Function


class Verdict(Enum):
    """The verdict of a target, as it is printed."""

    PASS = "pass"
    FAIL = "**fail**"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class Target:
    """One row of the table of targets."""

    case: str
    asked: str
    measured: str
    verdict: Verdict


def judge(results: Results, idle_mb: float, function: Function) -> list[Target]:
    """The verdicts of all targets."""
    targets: list[Target] = []
    for case in CASES:
        ours, theirs = (results.get(case.key, {}).get(tool, Figures()) for tool in ("Darkroom", "sharp"))
        targets += _of_case(case, ours, theirs, idle_mb)
        if case == JPEGS[-1]:
            targets.append(_geometric_mean(results))
    return targets + _of_function(function)


def _cpu_ratio(results: Results, case: Case) -> float | None:
    of_case = results.get(case.key, {})
    return ratio(of_case.get("Darkroom", Figures()).cpu_ms, of_case.get("sharp", Figures()).cpu_ms)


def _of_case(case: Case, ours: Figures, theirs: Figures, idle_mb: float) -> list[Target]:
    title = f"{case.title}, {case.mode.value}"
    targets = []
    if case.cpu_at_most is not None:
        targets.append(_part(f"{title}: CPU", case.cpu_at_most, ours.cpu_ms, theirs.cpu_ms, "ms"))
    if case.memory_at_most is not None:
        targets.append(_part(f"{title}: peak memory", case.memory_at_most, ours.peak_mb, theirs.peak_mb, "MB"))
    if case.memory_over_idle_mb is not None:
        found = median(ours.peak_mb) - idle_mb if ours.peak_mb else None
        targets.append(
            _at_most(
                f"{title}: peak memory over an idle process",
                case.memory_over_idle_mb,
                found,
                lambda value: f"{value:.1f} MB ({value + idle_mb:.1f} less {idle_mb:.1f})",
                asked=f"≤ {case.memory_over_idle_mb:g} MB",
            )
        )
    if case in JPEGS:
        targets.append(_quality_target(f"{title}: PSNR", ours, theirs))
    return targets


def _of_function(function: Function) -> list[Target]:
    source_mb = function.source_mb
    source = "100 MB JPEG" if source_mb is None else f"JPEG of {source_mb:.0f} MB"
    return [
        _at_most(
            f"resize function, {source} from the local cloud's S3: peak memory",
            FUNCTION_PEAK_MB_AT_MOST,
            function.peak_mb,
            lambda value: f"{value:.1f} MB",
            asked=f"≤ {FUNCTION_PEAK_MB_AT_MOST} MB, with `MemorySize: {MEMORY_MB}`",
        ),
        _at_most(
            "resize function: its release binary, stripped",
            FUNCTION_BINARY_MB_AT_MOST,
            function.binary_mb,
            lambda value: f"{value:.1f} MB",
            asked=f"≤ {FUNCTION_BINARY_MB_AT_MOST} MB",
        ),
        _at_most(
            "resize function: start to first poll of the Lambda runtime API",
            FUNCTION_START_MS_AT_MOST,
            median(function.start_ms) if function.start_ms else None,
            lambda value: f"{value:.1f} ms ({min(function.start_ms):.1f}–{max(function.start_ms):.1f})",
            asked=f"≤ {FUNCTION_START_MS_AT_MOST} ms",
        ),
    ]


def _part(title: str, most: float, ours: Sequence[float], theirs: Sequence[float], unit: str) -> Target:
    return _at_most(
        title,
        most,
        ratio(ours, theirs),
        lambda value: f"{value:.2f}× ({median(ours):.1f} to {median(theirs):.1f} {unit})",
    )


def _geometric_mean(results: Results) -> Target:
    mean = geometric_mean(_cpu_ratio(results, case) for case in JPEGS)
    title = "these nine, warm: CPU, geometric mean"
    return _at_most(title, JPEGS_GEOMETRIC_MEAN_AT_MOST, mean, lambda value: f"{value:.2f}×")


def _quality_target(title: str, ours: Figures, theirs: Figures) -> Target:
    asked = "≥ sharp's"
    if ours.resized is None or theirs.resized is None:
        return Target(title, asked, "", Verdict.NOT_MEASURED)
    met = ours.resized.psnr >= theirs.resized.psnr
    measured = f"{ours.resized.psnr:.1f} to {theirs.resized.psnr:.1f} dB"
    return Target(title, asked, measured, Verdict.PASS if met else Verdict.FAIL)


def _at_most(
    title: str, most: float, found: float | None, written: Callable[[float], str], asked: str | None = None
) -> Target:
    asked = asked or f"≤ {most:.2f}×"
    if found is None:
        return Target(title, asked, "", Verdict.NOT_MEASURED)
    # The exact value is compared, not the rounded one that is printed.
    return Target(title, asked, written(found), Verdict.PASS if found <= most else Verdict.FAIL)
