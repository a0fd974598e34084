"""The list of differences that are right, each with a reason (known.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from verdict import Result, Verdict

FILE = Path(__file__).parent / "known.toml"


@dataclass(frozen=True)
class Known:
    """A kind of difference that is right."""

    reason: str
    results: tuple[Result, ...]
    files: str = "*"
    """A pattern of the path below the folder of pictures: `*` also stands for slashes."""
    format: str = "*"
    """A pattern of the file's format."""
    facts: str = "*"
    """A pattern of the facts, which contain the code and message of a rejection."""

    def covers(self, file: str, file_format: str) -> bool:
        """Whether this kind is about the file."""
        return fnmatchcase(file, self.files) and fnmatchcase(file_format, self.format)

    def explains(self, file: str, file_format: str, verdict: Verdict) -> bool:
        """Whether this kind is the reason of a difference."""
        return self.covers(file, file_format) and verdict.result in self.results and fnmatchcase(verdict.facts, self.facts)


def read(path: Path = FILE) -> list[Known]:
    """The list of a file. Raises an error if an entry has no reason, or a field that is unknown."""
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get("known", [])
    known = [Known(**{**entry, "results": tuple(Result(name) for name in entry["results"])}) for entry in entries]
    for each in known:
        if not each.reason.strip():
            raise ValueError(f"{path}: the entry for {each.files} has no reason")
    return known


def outdated(known: Sequence[Known], found: Iterable[tuple[str, str, Verdict]]) -> list[Known]:
    """The entries that name files of which none differs any more."""
    found = list(found)
    named = [each for each in known if each.files != "*"]
    about = {each: [one for one in found if each.covers(one[0], one[1])] for each in named}
    return [each for each, files in about.items() if files and not any(each.explains(*one) for one in files)]
