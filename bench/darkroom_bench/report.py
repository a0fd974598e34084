"""Formats the results as Markdown, and inserts them into the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from statistics import median

from darkroom_local.tables import table

from .cases import CASES
from .compare import Results
from .figures import Figures, Score
from .targets import Target

BEGIN = "<!-- bench: begin (written by bench/bench.py) -->"
END = "<!-- bench: end -->"


def report(targets: Sequence[Target], results: Results, facts: Sequence[tuple[str, str]]) -> str:
    """The text with all tables."""
    verdicts = ((target.case, target.asked, target.measured, target.verdict.value) for target in targets)
    return "\n\n".join(
        [
            table(("", ""), facts),
            "### Targets\n\nDarkroom's medians as parts of sharp's.",
            table(("case", "target", "measured", ""), verdicts),
            "### Time, memory, bytes\n\nMedians, and the lowest and highest round.",
            table(("case", "", "CPU ms", "wall ms", "peak MB", "kB"), _costs(results), right=range(2, 6)),
            "### Quality\n\nSSIM and PSNR in dB against the ideal.",
            table(
                ("case", "", "resize: SSIM", "PSNR", "encoded: SSIM", "PSNR"), _qualities(results), right=range(2, 6)
            ),
        ]
    )


def insert(page: str, report: str, begin: str = BEGIN, end: str = END) -> str:
    """The page with the text between its markers replaced."""
    before, found, rest = page.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"the page lacks the markers: {begin} … {end}")
    return f"{before}{begin}\n\n{report}\n\n{end}{after}"


def write(page: Path, report: str) -> None:
    """Inserts the report into a page."""
    page.write_text(insert(page.read_text(), report))


def _costs(results: Results) -> Iterable[Sequence[str]]:
    for title, tool, figures in _rows(results):
        kilobytes = "" if figures.byte_len is None else f"{figures.byte_len / 1000:.1f}"
        yield title, tool, _spread(figures.cpu_ms), _spread(figures.wall_ms), _spread(figures.peak_mb), kilobytes


def _qualities(results: Results) -> Iterable[Sequence[str]]:
    for title, tool, figures in _rows(results):
        if figures.resized is not None and figures.encoded is not None:
            yield title, tool, *_format_score(figures.resized), *_format_score(figures.encoded)


def _rows(results: Results) -> Iterable[tuple[str, str, Figures]]:
    for case in CASES:
        title = f"{case.title}, {case.mode.value}"
        for tool, figures in results.get(case.key, {}).items():
            if figures.cpu_ms:
                yield title, tool, figures
                title = ""


def _spread(values: Sequence[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:.1f}"
    return f"{median(values):.1f} ({min(values):.1f}–{max(values):.1f})"


def _format_score(score: Score) -> tuple[str, str]:
    return f"{score.ssim:.5f}", f"{score.psnr:.2f}"
