"""The report: aligned tables, inserted between the markers of the page."""

from __future__ import annotations

import pytest

from darkroom_bench import report


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
