"""The report: aligned tables, inserted between the markers of the page."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from darkroom_bench import plot, report
from darkroom_bench.cases import CASES
from darkroom_bench.figures import Figures

SVG = "{http://www.w3.org/2000/svg}"


def test_columns_are_aligned_and_numbers_are_on_the_right() -> None:
    assert report.table(("case", "ms"), [("a", "1.0"), ("→ b", "12.0")], right=[1]).splitlines() == [
        "| case |   ms |",
        "| ---- | ---: |",
        "| a    |  1.0 |",
        "| → b  | 12.0 |",
    ]


def test_only_the_text_between_the_markers_is_replaced() -> None:
    page = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
    once = report.insert(page, "new")
    assert once == f"before\n{report.BEGIN}\n\nnew\n\n{report.END}\nafter\n"
    assert report.insert(once, "new") == once


def test_a_page_without_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks the markers"):
        report.insert("before\n", "new")


def test_the_plot_is_well_formed_and_its_bars_end_at_its_edge() -> None:
    figures = {name: Figures([ms], [ms], [1.0]) for name, ms in (("Darkroom", 1.0), ("sharp", 2.0), ("Pillow", 90.0))}
    root = ElementTree.fromstring(plot.plot({CASES[0].key: figures}, "CPU < sharp's"))
    bars = root.iter(f"{SVG}rect")
    assert max(float(bar.get("x", 0)) + float(bar.get("width", 0)) for bar in bars) <= plot.WIDTH
    assert "45.00" in {text.text for text in root.iter(f"{SVG}text")}
