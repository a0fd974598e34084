#!/usr/bin/env python3
"""Renders every picture of a folder, and compares each rendition with what headless Chromium shows.

The exit code is 1 if there is a difference that known.toml does not explain, or if it explains one that is gone.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parent.parent.parent
# Chromium is driven by a module of the tests; tables and the progress bar are modules of the local cloud.
sys.path[:0] = [str(REPOSITORY / "tests"), str(REPOSITORY / "local")]

import chromium
import known
import rendered
import report
import shown
import verdict
from darkroom_local import cargo, environments
from darkroom_local.layout import PILLOW_ENVIRONMENT
from darkroom_local.progress import Bar
from formats import format_of
from rendered import Rendering
from report import Entry

FOLDER = REPOSITORY / ".local" / "browser"
GENERATED = REPOSITORY / ".local" / "browser-generated"
CORPUS = Path(os.environ.get("DARKROOM_CORPUS", REPOSITORY.parent / "shared" / "corpus"))
NO_CHROMIUM = "Chromium is missing: `sudo apt-get install chromium` installs it on Debian"
# A browser shows what is there of a damaged picture.
OPTIONS = ("--damaged", "render")
# A guard against a browser that hangs, not a measurement.
HUNG_S = 900


@dataclass(frozen=True)
class Comparison:
    """The result of a run."""

    entries: Sequence[Entry]
    outdated: Sequence[known.Known]

    @property
    def unknown(self) -> list[Entry]:
        """The differences without a reason."""
        return [each for each in self.entries if each.verdict.result.is_difference and not each.known]

    @property
    def is_good(self) -> bool:
        return not self.unknown and not self.outdated


def main() -> int:
    """Compares the folders that the arguments name, prints the tables, and writes the page."""
    options = _parser().parse_args()
    if not chromium.installed():
        print(f"error: {NO_CHROMIUM}", file=sys.stderr)
        return 1
    darkroom = options.darkroom or command_line()
    folders = options.pictures or [generated(GENERATED), *filter(Path.is_dir, [CORPUS])]
    compared = compare(folders, options.out, darkroom, known.read(options.known), options.option or OPTIONS)
    print(summary(compared, options.out))
    return 0 if compared.is_good else 1


def command_line() -> Path:
    """The command line that `make cli` builds."""
    return cargo.target_folder() / "debug" / "darkroom"


def generated(folder: Path) -> Path:
    """Generates pictures into a folder, which is emptied before. They are the same in every run."""
    shutil.rmtree(folder, ignore_errors=True)
    environments.set_up(environments.BY_NAME["pillow"])
    command = [environments.tool(PILLOW_ENVIRONMENT, "python"), "-m", "generate", str(folder), str(command_line())]
    subprocess.run(command, cwd=Path(__file__).parent, check=True)
    return folder


def compare(
    folders: Sequence[Path], out: Path, darkroom: Path, reasons: Sequence[known.Known], options: Sequence[str] = OPTIONS
) -> Comparison:
    """Renders and shows every file below the folders, and writes the page of the differences into `out`."""
    names = {file: str(file.relative_to(folder.parent)) for folder in folders for file in pictures(folder)}
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    run = _Run(out, names, reasons)
    browser = shown.Browser(run.measured, run.kept)
    with Bar(len(names)) as run.bar, browser.open(out / "profile"):
        for file, rendering in rendered.render(darkroom, list(names), out / "renditions", options, os.cpu_count() or 1):
            run.renderings.append((file, rendering))
            browser.compare(shown.Pair(file, rendering.rendition))
        browser.finish(HUNG_S)
    for folder in ("profile", "renditions"):
        shutil.rmtree(out / folder, ignore_errors=True)
    entries = sorted(run.entries.values(), key=lambda entry: entry.name)
    report.write(out / "index.html", entries)
    return Comparison(entries, known.outdated(reasons, ((it.name, it.format, it.verdict) for it in entries)))


def summary(compared: Comparison, out: Path) -> str:
    """The tables and the outcome of a run."""
    parts = [report.agreement(compared.entries)]
    if compared.unknown:
        parts.append(report.differences(compared.unknown))
    parts += [f"known.toml explains a difference that is gone: {each.files}: {each.reason}" for each in compared.outdated]
    explained = sum(entry.known is not None for entry in compared.entries)
    counted = f"{len(compared.unknown)} differences without a reason, {explained} known"
    return "\n\n".join([*parts, f"{report.share(compared.entries)}; {counted}: {out / 'index.html'}"])


def pictures(folder: Path) -> list[Path]:
    """All files below a folder, except hidden files and texts about them."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".md", ".txt", ".json", ".toml"))
    return sorted(path for path in files if not any(part.startswith(".") for part in path.relative_to(folder).parts))


class _Run:
    """Collects the results while the browser works. Its threads call `measured` and `kept`."""

    def __init__(self, out: Path, names: dict[Path, str], reasons: Sequence[known.Known]) -> None:
        self._out = out
        self._names = names
        self._reasons = reasons
        self.bar: Bar
        self.renderings: list[tuple[Path, Rendering]] = []
        self.entries: dict[int, Entry] = {}

    def measured(self, index: int, measured: dict[str, Any]) -> bool:
        """Judges a file. Returns whether its pictures are wanted for the page."""
        file, rendering = self.renderings[index]
        file_format = format_of(file.read_bytes())
        judged = verdict.judge(file_format, rendering, measured)
        name = self._names[file]
        why = next((it for it in self._reasons if it.explains(name, file_format, judged)), None)
        self.entries[index] = Entry(name, file_format, judged, why)
        self.bar.advance(name)
        return judged.result.is_difference

    def kept(self, index: int, name: str, png: bytes) -> None:
        """Writes a picture for the page."""
        folder = Path("pictures") / str(index)
        (self._out / folder).mkdir(parents=True, exist_ok=True)
        (self._out / folder / f"{name}.png").write_bytes(png)
        self.entries[index] = replace(self.entries[index], pictures=str(folder))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests/browser/browser.py", description=__doc__)
    parser.add_argument("pictures", nargs="*", type=Path, metavar="FOLDER", help="a folder of pictures (default: generated ones, and the corpus)")
    parser.add_argument("--darkroom", type=Path, metavar="FILE", help="the command line (default: that of `make cli`)")
    parser.add_argument("--known", type=Path, default=known.FILE, metavar="FILE", help="the list of known differences")
    parser.add_argument("--out", type=Path, default=FOLDER, metavar="DIR", help="the folder of the page (default: %(default)s)")
    parser.add_argument("--option", action="append", default=[], metavar="OPTION", help="an option of `darkroom render` (default: --damaged render)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
