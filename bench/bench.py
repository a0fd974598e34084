#!/usr/bin/env python3
"""Measures Darkroom, sharp and Pillow. docs/performance.md says what is measured, and contains the last results."""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
# The modules that show phases and run commands are the local cloud's.
sys.path.insert(0, str(REPOSITORY / "local"))

from darkroom_bench import compare, environments, function, layout, machine, report, targets, tools
from darkroom_bench.cases import CASES
from darkroom_local.layout import LocalCloudError


def main() -> int:
    """Runs the benchmark. The exit code is 0 if it could measure, whatever the results."""
    options = _parser().parse_args()
    try:
        _bench(options)
    except LocalCloudError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    return 0


def _bench(options: argparse.Namespace) -> None:
    # Before the build, which itself makes the machine busy.
    if warning := machine.busy():
        print(f"warning: {warning}", file=sys.stderr)
    environments.set_up()
    photos = options.photos or environments.photos(options.big)
    cases = [case for case in CASES if (photos / case.photo).exists() and (options.big or not case.big)]
    if not cases:
        raise LocalCloudError(f"{photos} contains none of {', '.join(sorted({case.photo for case in CASES}))}")
    darkroom, resize = environments.build()
    rounds, runs = (1, 1) if options.quick else (options.rounds, options.runs)

    compared = [darkroom, tools.sharp(), tools.pillow()]
    results = compare.compare(cases, compared, photos, rounds, runs)
    compare.score(cases, compared, photos, results)
    alone = function.measure(resize, photos)

    facts = machine.facts(darkroom.command, cases, photos, _repeat(options), rounds, runs)
    judged = targets.judge(results, darkroom.idle_mb(), alone)
    text = report.report(judged, results, facts)
    print(f"\n{text}")
    # Results of a single round are not written.
    if not options.quick:
        report.write(layout.PAGE, text)
        print(f"\nwritten to {layout.PAGE.relative_to(REPOSITORY)}")


def _repeat(options: argparse.Namespace) -> str:
    # The user's own folder is not printed.
    photos = ["--photos", "DIR"] if options.photos else []
    big = ["--big"] if options.big else []
    times = ["--rounds", str(options.rounds), "--runs", str(options.runs)]
    return shlex.join(["python3", "bench/bench.py", *photos, *big, *times])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench/bench.py", description=__doc__)
    parser.add_argument("--rounds", type=_positive, default=5, help="the number of measurements (default: 5)")
    parser.add_argument("--runs", type=_positive, default=5, help="warm renditions per round (default: 5)")
    parser.add_argument(
        "--photos", type=Path, metavar="DIR", help="use these pictures, named as by bench/photos.py; creates none"
    )
    parser.add_argument("--big", action="store_true", help="also use pictures of 100 MB (minutes and 4 GB to create)")
    parser.add_argument("--quick", action="store_true", help="measure one round, and write no file")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


if __name__ == "__main__":
    sys.exit(main())
