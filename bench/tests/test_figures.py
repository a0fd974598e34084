"""Tests the statistics. If a measurement is missing, a ratio or mean that needs it is None."""

from __future__ import annotations

import pytest

from darkroom_bench.figures import geometric_mean, ratio


def test_a_ratio_is_of_the_medians_so_that_one_slow_round_has_no_effect() -> None:
    assert ratio([10.0, 11.0, 900.0], [20.0, 22.0, 23.0]) == 0.5


def test_there_is_no_ratio_without_measurements_on_both_sides() -> None:
    assert ratio([], [1.0]) is None
    assert ratio([1.0], []) is None


def test_the_geometric_mean_of_a_half_and_a_double_is_one() -> None:
    assert geometric_mean([0.5, 2.0]) == pytest.approx(1.0)


def test_the_geometric_mean_of_incomplete_ratios_is_none() -> None:
    assert geometric_mean([0.5, None]) is None
    assert geometric_mean([]) is None
