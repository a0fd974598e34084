"""Plots CPU time relative to sharp's as SVG, with a bar for each case and tool."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from .cases import CASES, Case
from .compare import Results
from .targets import cpu_ratio

WIDTH, LEFT, RIGHT, TOP, ROW, BAR = 800, 290, 60, 64, 34, 12
LONGEST = 2.0
"""The longest bar, relative to sharp. A longer bar is cut off here, and labelled with its value."""
COLOURS = {"Darkroom": "#b3261e", "Pillow": "#9aa0a6"}


def plot(results: Results, caption: str) -> str:
    """The plot. A case that was not measured has no row."""
    cases = [case for case in CASES if cpu_ratio(results, case) is not None]
    height = TOP + ROW * len(cases) + 16
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'font-family="sans-serif" font-size="12" role="img">',
        f"<title>{escape(caption)}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="16" y="22" font-size="15" fill="#202124">{escape(caption)}</text>',
        *_legend(),
        *_scale(height),
    ]
    for number, case in enumerate(cases):
        lines += _bars(results, case, TOP + ROW * number)
    return "\n".join([*lines, "</svg>", ""])


def _legend() -> Iterator[str]:
    for number, (tool, colour) in enumerate(COLOURS.items()):
        x = 16 + 90 * number
        yield f'<rect x="{x}" y="34" width="{BAR}" height="{BAR}" fill="{colour}"/>'
        yield f'<text x="{x + 18}" y="44" fill="#202124">{tool}</text>'


def _scale(height: int) -> Iterator[str]:
    for part in (0, 0.5, 1, 1.5, LONGEST):
        x, sharp = _x(part), part == 1
        colour, stroke = ("#202124", "1.5") if sharp else ("#dadce0", "1")
        ends = f'x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{height - 12}"'
        yield f'<line {ends} stroke="{colour}" stroke-width="{stroke}"/>'
        label = "sharp = 1" if sharp else f"{part:g}"
        yield f'<text x="{x:.1f}" y="{TOP - 12}" text-anchor="middle" fill="#5f6368">{label}</text>'


def _bars(results: Results, case: Case, top: int) -> Iterator[str]:
    title = escape(f"{case.title}, {case.mode.value}")
    yield f'<text x="{LEFT - 10}" y="{top + 16}" text-anchor="end" fill="#202124">{title}</text>'
    for number, (tool, colour) in enumerate(COLOURS.items()):
        part = cpu_ratio(results, case, tool)
        if part is None:
            continue
        y, end = top + BAR * number, _x(min(part, LONGEST))
        yield f'<rect x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{BAR - 1}" fill="{colour}"/>'
        yield f'<text x="{end + 5:.1f}" y="{y + 10}" font-size="11" fill="#202124">{part:.2f}</text>'


def _x(part: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * part / LONGEST
