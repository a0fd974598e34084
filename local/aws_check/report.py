"""The result of a check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Findings:
    """What one check examined, and the problems that it found."""

    looked_at: str = ""
    _found: dict[str, list[str]] = field(default_factory=dict)

    def add(self, place: str, problem: str, parameter_set: str | None = None) -> None:
        """Adds a problem at a place such as `template.yaml:12`. The same problem of several parameter sets is added
        once.
        """
        sets = self._found.setdefault(f"{place}: {problem}", [])
        if parameter_set:
            sets.append(parameter_set)

    @property
    def problems(self) -> list[str]:
        """The problems, each with the parameter sets that cause it."""
        return [problem + _named(sets) for problem, sets in self._found.items()]


def _named(sets: list[str]) -> str:
    if not sets or sets[0] == "defaults":
        return ""
    return f" (parameters of {sets[0]}" + (f" and {len(sets) - 1} more)" if sets[1:] else ")")


@dataclass(frozen=True)
class Check:
    """One check: its name on the command line, the tool that decides, and the function that runs it."""

    name: str
    judge: str
    run: Callable[[], Findings]
