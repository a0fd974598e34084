"""The verdict of a target: met, missed, or not measured."""

from __future__ import annotations

from darkroom_bench.cases import CASES, JPEGS, Case
from darkroom_bench.compare import Results
from darkroom_bench.figures import Figures, Score
from darkroom_bench.function import Function
from darkroom_bench.targets import Target, Verdict, judge


def test_without_measurements_no_target_is_met_or_missed() -> None:
    assert {target.verdict for target in judge({}, idle_mb=4.0, function=Function())} == {Verdict.NOT_MEASURED}


def test_a_target_is_met_at_its_limit_and_missed_just_above() -> None:
    whole = CASES[0]
    assert verdict(judge(measured(whole, ours=33.0), 4.0, Function()), "CPU") is Verdict.PASS
    # Rounded to two digits, this is the limit, but it is above it.
    assert verdict(judge(measured(whole, ours=33.1), 4.0, Function()), "CPU") is Verdict.FAIL


def test_memory_is_counted_above_an_idle_process() -> None:
    big = next(case for case in CASES if case.memory_over_idle_mb)
    results = measured(big, ours=1.0, peak_mb=20.0)
    assert verdict(judge(results, idle_mb=4.0, function=Function()), "over an idle") is Verdict.PASS
    assert verdict(judge(results, idle_mb=3.9, function=Function()), "over an idle") is Verdict.FAIL


def test_the_geometric_mean_needs_all_nine() -> None:
    eight: Results = {}
    for case in JPEGS[:-1]:
        eight |= measured(case, ours=50.0)
    assert verdict(judge(eight, 4.0, Function()), "geometric mean") is Verdict.NOT_MEASURED
    assert verdict(judge(eight | measured(JPEGS[-1], ours=50.0), 4.0, Function()), "geometric mean") is Verdict.PASS


def test_quality_is_judged_by_the_resize_and_not_by_the_encoder() -> None:
    results = measured(JPEGS[0], ours=1.0)
    ours, theirs = results[JPEGS[0].key]["Darkroom"], results[JPEGS[0].key]["sharp"]
    ours.resized, ours.encoded = Score(0.9, 50.0), Score(0.9, 30.0)
    theirs.resized, theirs.encoded = Score(0.9, 49.9), Score(0.9, 40.0)
    assert verdict(judge(results, 4.0, Function()), "PSNR") is Verdict.PASS


def test_the_function_is_judged_by_its_peak_its_size_and_its_median_start() -> None:
    function = Function(binary_mb=12.0, start_ms=[9.0, 10.0, 500.0], peak_mb=64.1, source_mb=112.0)
    targets = judge({}, 4.0, function)
    assert verdict(targets, "binary") is Verdict.PASS
    assert verdict(targets, "first poll") is Verdict.PASS
    assert verdict(targets, "JPEG of 112 MB") is Verdict.FAIL


def measured(case: Case, ours: float, peak_mb: float = 1.0) -> Results:
    """The results of one round, in which sharp took 100 ms and 100 MB."""
    return {case.key: {"Darkroom": Figures([ours], [ours], [peak_mb]), "sharp": Figures([100.0], [100.0], [100.0])}}


def verdict(targets: list[Target], of: str) -> Verdict:
    """The first verdict other than NOT_MEASURED."""
    verdicts = [target.verdict for target in targets if of in target.case]
    return next((found for found in verdicts if found is not Verdict.NOT_MEASURED), Verdict.NOT_MEASURED)
