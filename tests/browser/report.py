"""Writes the differences as an HTML page with both pictures side by side, and the tables of agreement."""

from __future__ import annotations

import html
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from darkroom_local.tables import table
from known import Known
from verdict import Result, Verdict

COLUMNS = (
    ("format", None), ("files", None), ("agree", Result.AGREE), ("neither", Result.NEITHER), ("more here", Result.MORE),
    ("size", Result.SIZE), ("pixels", Result.PIXELS), ("only browser", Result.ONLY_BROWSER),
    ("only Darkroom", Result.ONLY_DARKROOM), ("failed", Result.FAILED),
)  # fmt: skip
PICTURES = (("browser", "Chromium"), ("darkroom", "Darkroom"), ("difference", "difference × 16"))
STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; background: #f4f4f4; color: #222 }
section { background: #fff; border: 1px solid #ddd; margin: 1rem 0; padding: 1rem }
section.known { opacity: .75 } h2 { font-size: 1rem; margin: 0; overflow-wrap: anywhere }
figure { display: inline-block; margin: .5rem 1rem .5rem 0; vertical-align: top } figcaption { color: #666 }
img { max-width: 28rem; max-height: 28rem; min-width: 4rem; image-rendering: pixelated; border: 1px solid #ccc;
  background: repeating-conic-gradient(#ddd 0 25%, #fff 0 50%) 0 0 / 16px 16px }
pre { overflow-x: auto }
"""


@dataclass(frozen=True)
class Entry:
    """A compared file; `known` is the reason of its difference, if there is one."""

    name: str
    """The path below the folder of pictures."""
    format: str
    verdict: Verdict
    known: Known | None = None
    pictures: str = ""
    """The folder of its pictures, beside the page."""


def agreement(entries: Sequence[Entry]) -> str:
    """A table: a row for each format, and the number of files with each result."""
    counts: dict[str, Counter[Result]] = defaultdict(Counter)
    for entry in entries:
        counts[entry.format][entry.verdict.result] += 1
        counts["all"][entry.verdict.result] += 1
    formats = sorted(counts, key=lambda name: (name == "all", name))
    rows = [
        [name, str(sum(counts[name].values())), *(str(counts[name][result]) for _, result in COLUMNS if result)]
        for name in formats
    ]
    return table([title for title, _ in COLUMNS], rows, right=range(1, len(COLUMNS)))


def share(entries: Iterable[Entry]) -> str:
    """How many of the pictures that the browser shows Darkroom shows as well, with the same size and pixels."""
    agreed, shown = _agreed(entries)
    return f"{agreed} of {shown} pictures that Chromium shows agree ({agreed / max(1, shown):.1%})"


def agreed_share(entries: Iterable[Entry]) -> float:
    """The same as a number, from 0 to 1."""
    agreed, shown = _agreed(entries)
    return agreed / max(1, shown)


def _agreed(entries: Iterable[Entry]) -> tuple[int, int]:
    results = Counter(entry.verdict.result for entry in entries)
    shown = sum(results[it] for it in (Result.AGREE, Result.MORE, Result.SIZE, Result.PIXELS, Result.ONLY_BROWSER))
    return results[Result.AGREE] + results[Result.MORE], shown


def differences(entries: Iterable[Entry]) -> str:
    """A line for each difference that has no reason."""
    return "\n".join(f"{each.name}: {each.verdict.result.value}: {each.verdict.facts}" for each in entries)


def write(path: Path, entries: Sequence[Entry]) -> None:
    """Writes the page: unknown differences first, then known ones, each kind with its reason."""
    found = [entry for entry in entries if entry.verdict.result.is_difference]
    found.sort(key=lambda entry: (entry.known is not None, entry.verdict.result.value, entry.name))
    unknown = sum(entry.known is None for entry in found)
    sections = "".join(_section(path.parent, entry) for entry in found)
    path.write_text(
        f"<!doctype html><html lang=en><meta charset=utf-8><title>Darkroom beside Chromium</title><style>{STYLE}</style>"
        f"<h1>Darkroom beside Chromium</h1><pre>{html.escape(agreement(entries))}</pre>"
        f"<p>{html.escape(share(entries))}. {unknown} differences without a reason, {len(found) - unknown} known.</p>"
        f"{sections}</html>",
        encoding="utf-8",
    )


def _section(folder: Path, entry: Entry) -> str:
    reason = f"<p>Known: {html.escape(entry.known.reason)}</p>" if entry.known else ""
    figures = "".join(
        f'<figure><img src="{html.escape(entry.pictures)}/{name}.png" alt=""><figcaption>{title}</figcaption></figure>'
        for name, title in PICTURES
        if entry.pictures and (folder / entry.pictures / f"{name}.png").exists()
    )
    return (
        f"<section class={'known' if entry.known else 'unknown'}><h2>{html.escape(entry.name)}</h2>"
        f"<p>{html.escape(f'{entry.verdict.result.value}: {entry.verdict.facts}')}</p>{reason}{figures}</section>"
    )
