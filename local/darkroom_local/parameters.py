"""Parses parameters of the template, given as `Name=value`, and checks them before anything is built or changed.

SAM silently drops a name that the template does not have, and cuts a value at a quote.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path

from .layout import DEFAULT_TEMPLATE, LocalCloudError

SECTION = re.compile(r"^Parameters:\n(.*?)^\S", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"^  (\w+):$", re.MULTILINE)


def names(template: Path = DEFAULT_TEMPLATE) -> list[str]:
    """The names of the template's parameters, in the order of the template."""
    if not template.exists():
        raise LocalCloudError(f"{template} does not exist")
    section = SECTION.search(template.read_text(encoding="utf-8"))
    return NAME.findall(section[1]) if section else []


def parsed(words: Iterable[str], template: Path = DEFAULT_TEMPLATE) -> dict[str, str]:
    """The name and value of each word; the last value if a name is repeated. An error says what to write instead."""
    values: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not name or not equals:
            raise LocalCloudError(f"'{word}' is not NAME=VALUE")
        values[name] = value
    refuse_unknown(values, template)
    if _is_inline(values.get("Profiles", "")):
        raise LocalCloudError(
            "SAM would remove the quotes of the parameter Profiles: put the profiles into a file, "
            "and deploy with PROFILES=file.json"
        )
    return values


def refuse_unknown(given: Iterable[str], template: Path = DEFAULT_TEMPLATE) -> None:
    """Fails if the template lacks a parameter of one of these names."""
    known = names(template)
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f": did you mean {close[0]}?" if close else f"; docs/configuration.md lists all {len(known)}"
            raise LocalCloudError(f"the template has no parameter {name}{hint}")


def _is_inline(profiles: str) -> bool:
    return profiles not in ("", "built-in") and not profiles.startswith("packaged:")
