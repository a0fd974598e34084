#!/usr/bin/env python3
"""Runs validate and resize on hostile files, each in a process with a function's memory and time.

Every file must end with a verdict: none may fail, panic, abort, exceed its memory or its time, or take more memory than
was estimated from its header.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
# Phases, tables and the progress bar are modules of the local cloud.
sys.path.insert(0, str(REPOSITORY / "local"))

import damage
from bombs import avif, bmp, gif, heif, ico, jpeg, png, qoi_pnm, tiff, webp
from limited_process import Limits, Run, run
from darkroom_local import cargo, phases
from darkroom_local.layout import LocalCloudError
from darkroom_local.progress import Bar
from darkroom_local.tables import table

FOLDER = REPOSITORY / ".local" / "hostile"
CORPUS = Path(os.environ.get("DARKROOM_CORPUS", REPOSITORY.parent / "shared" / "corpus"))
PICTURES = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".heic", ".tif", ".bmp", ".ico", ".qoi", ".pnm"}

# From the template: the resize function's default MemorySize, its smallest useful one, and its Timeout.
MEMORY_MB, SMALL_MEMORY_MB, TIMEOUT_S = 1769, 256, 120
# The most memory of a function in a new account.
LARGE_MEMORY_MB = 3008
DEMANDING_PROFILE = {
    "demanding": {
        "renditions": [
            {"name": "animated", "width": 300, "height": 300, "format": "webp", "animated": True},
            {"name": "progressive", "width": 2048, "height": 2048, "format": "jpeg", "progressive": True},
            {"name": "lossless", "width": 800, "fit": "inside", "format": "png"},
            {"name": "still", "width": 1600, "fit": "inside", "format": "avif"},
        ]
    }
}
MOST_EXPENSIVE_SHOWN = 5


@dataclass(frozen=True)
class Pass:
    """A set of files, and the memory and profiles that they are processed with."""

    title: str
    files: Sequence[Path]
    memory_mb: int
    profiles: Mapping[str, object] | None = None

    def limits(self) -> Limits:
        """The limits for one validation and at most four renditions."""
        return Limits(self.memory_mb, TIMEOUT_S, 5 * TIMEOUT_S)


def main() -> int:
    """Builds, creates the files, processes each, and reports. The exit code is 1 if a file had no verdict."""
    options = _parser().parse_args()
    try:
        examples = options.built or _build()
        outcome, seeds = examples / "outcome", examples / "seeds"
        with phases.phase("making hostile files"):
            bombs, damaged = _make(seeds)
    except LocalCloudError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    corpus = sorted(path for path in CORPUS.rglob("*") if path.suffix in PICTURES)
    print(f"{len(bombs)} bombs, {len(damaged)} damaged files, {len(corpus) or 'no'} files of {CORPUS.name}")
    animatable = [path for path in bombs if path.suffix in (".gif", ".webp")]
    passes = [
        Pass(f"web, {MEMORY_MB} MB", [*bombs, *damaged, *corpus], MEMORY_MB),
        Pass(f"web, {SMALL_MEMORY_MB} MB", [*bombs, *corpus], SMALL_MEMORY_MB),
        Pass(f"web, {LARGE_MEMORY_MB} MB", bombs, LARGE_MEMORY_MB),
        Pass(f"animated, progressive, PNG and AVIF, {MEMORY_MB} MB", [*animatable, *damaged], MEMORY_MB, DEMANDING_PROFILE),
    ]
    bad, all_runs = 0, []
    for each in passes:
        runs = _run(outcome, each, options)
        all_runs.append((each.title, runs))
        print(f"\n{each.title}\n\n{_report(runs)}")
        bad += sum(not run.end.is_acceptable for run in runs)
    rows = estimates(all_runs)
    print(f"\nmemory, estimated from the header and taken\n\n{table(ESTIMATES, rows, right=[2, 3, 4])}")
    if options.docs:
        _write_docs(rows)
    print(f"\n{'every file ended with a verdict' if bad == 0 else f'{bad} files did not end with a verdict'}")
    return 0 if bad == 0 else 1


ESTIMATES = ("functions", "format", "rendered", "most estimated, MB", "most taken, MB", "tightest")


def estimates(passes: Iterable[tuple[str, Sequence[Run]]]) -> list[Sequence[str]]:
    """A row for each pass and format: the number of files with an estimate, the largest estimate and the largest use,
    and the file whose use is closest to its estimate."""
    rows = []
    for title, runs in passes:
        for suffix in (".jpg", ".png", ".webp", ".gif", ".heic", ".tif", ".bmp", ".ico", ".qoi", ".pnm"):
            rendered = [run for run in runs if run.estimate_mb > 0 and run.file.suffix.replace("jpeg", "jpg") == suffix]
            if not rendered:
                continue
            most = [max(getattr(run, name) for run in rendered) for name in ("estimate_mb", "taken_mb")]
            tightest = max(rendered, key=lambda run: run.taken_mb / run.estimate_mb)
            of = f"{tightest.file.name}: {tightest.taken_mb:.0f} of {tightest.estimate_mb:.0f} MB"
            rows.append((title, suffix[1:], str(len(rendered)), *(f"{mb:.0f}" for mb in most), of))
    return rows


def _write_docs(rows: Iterable[Sequence[str]]) -> None:
    """Replaces the table in docs/reliability.md."""
    path, begin, end = REPOSITORY / "docs" / "reliability.md", "<!-- estimates -->\n", "<!-- /estimates -->"
    before, rest = path.read_text().split(begin)
    after = rest.split(end)[1]
    lines = [ESTIMATES, ["---", "---", "--:", "--:", "--:", "---"], *rows]
    body = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    path.write_text(before + begin + body + end + after)


def _run(outcome: Path, each: Pass, options: argparse.Namespace) -> list[Run]:
    chosen = [file for file in each.files if options.only in file.name]
    runs = []
    with Bar(len(chosen)) as bar, ThreadPoolExecutor(options.jobs) as pool:
        for done in pool.map(lambda file: run(outcome, file, each.limits(), each.profiles), chosen):
            runs.append(done)
            bar.advance(done.file.name)
    return runs


def _report(runs: Sequence[Run]) -> str:
    counts = Counter(run.verdict for run in runs)
    verdicts = table(("verdict", "files"), [(verdict, str(count)) for verdict, count in counts.most_common()], right=[1])
    worst = [
        ("peak memory, MB", lambda run: run.peak_mb, "{:.0f}"),
        ("longest invocation, s", lambda run: run.longest_s, "{:.1f}"),
        ("requests to S3", lambda run: run.requests, "{:.0f}"),
    ]
    rows: list[Sequence[str]] = []
    for title, cost, form in worst:
        for most in sorted(runs, key=cost, reverse=True)[:MOST_EXPENSIVE_SHOWN]:
            rows.append((title, form.format(cost(most)), most.file.name, most.verdict))
            title = ""
    parts = [verdicts, table(("worst", "", "file", "verdict"), rows, right=[1])]
    bad = [(run.file.name, run.verdict, f"{run.code} {run.message}") for run in runs if not run.end.is_acceptable]
    if bad:
        parts.append(table(("NO VERDICT", "", ""), bad))
    return "\n\n".join(parts)


def _build() -> Path:
    with phases.phase("building what validates and renders"):
        cargo.release("--package", "pipeline", "--example", "outcome")
        release = cargo.release("--package", "imaging", "--example", "seeds")
    return release / "examples"


def _make(seeds: Path) -> tuple[list[Path], list[Path]]:
    shutil.rmtree(FOLDER, ignore_errors=True)
    sound, bombs, damaged = FOLDER / "sound", FOLDER / "bombs", FOLDER / "damaged"
    phases.run([str(seeds), str(sound)], cwd=REPOSITORY, env=os.environ)
    formats = (png, gif, webp, jpeg, avif, heif, tiff, bmp, ico, qoi_pnm)
    files = {name: make for each in formats for name, make in each.FILES.items()}
    made = ((name, make()) for name, make in files.items())
    return _write_files(bombs, made), _write_files(damaged, damage.damaged(sound))


def _write_files(folder: Path, files: Iterable[tuple[str, bytes]]) -> list[Path]:
    folder.mkdir(parents=True)
    paths = []
    for name, content in files:
        paths.append(folder / name)
        paths[-1].write_bytes(content)
    return paths


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests/hostile/hostile.py", description=__doc__)
    parser.add_argument("--docs", action="store_true", help="write the table of estimates into docs/reliability.md")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="the number of files at a time (default: one per processor)")
    parser.add_argument("--built", type=Path, metavar="DIR", help="the folder of the built examples, instead of building them")
    parser.add_argument("--only", default="", metavar="TEXT", help="only files with this text in their name")
    return parser


if __name__ == "__main__":
    sys.exit(main())
