"""The sets of parameters that are deployed: by the stages of samconfig.toml, and by the tests."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import tomlkit

from .places import REPOSITORY

TESTS = ("tests", "local/tests")
Parameters = dict[str, str]


@cache
def parameter_sets(known: tuple[str, ...]) -> dict[str, Parameters]:
    """Name to parameters. Sets that differ only in the release's name appear once. `known` are the template's
    parameters.
    """
    found: dict[str, Parameters] = {"defaults": {}}
    for name, parameters in [*_stages(), *_tests(frozenset(known))]:
        if parameters.get("Release"):
            parameters["Release"] = "release"
        if parameters not in found.values():
            found[name] = parameters
    return found


def _stages() -> Iterator[tuple[str, Parameters]]:
    stages = tomlkit.parse((REPOSITORY / "samconfig.toml").read_text(encoding="utf-8")).unwrap()
    for name, stage in stages.items():
        if name not in ("version", "default"):
            overrides = stage["deploy"]["parameters"]["parameter_overrides"]
            # `make deploy` also sets Release.
            yield f"stage {name}", dict(one.split("=", 1) for one in overrides.split()) | {"Release": "named"}


def _tests(known: frozenset[str]) -> Iterator[tuple[str, Parameters]]:
    for folder in TESTS:
        for file in sorted((REPOSITORY / folder).rglob("*.py")):
            for line, parameters in _deployed(file, known):
                yield f"{file.relative_to(REPOSITORY)}:{line}", parameters


def _deployed(file: Path, known: frozenset[str]) -> Iterator[tuple[int, Parameters]]:
    """The dictionaries and calls in a Python file whose names are all parameters of the template."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            pairs = list(zip(node.keys, node.values))
        elif isinstance(node, ast.Call):
            pairs = [(ast.Constant(one.arg) if one.arg else None, one.value) for one in node.keywords]
        else:
            continue
        if (parameters := _parameters(pairs, names)) and parameters.keys() <= known:
            yield node.lineno, parameters


def _parameters(pairs: list[tuple[Any, ast.expr]], names: dict[str, ast.expr]) -> Parameters | None:
    """Name to text; None if a value is known only at run time."""
    found: Parameters = {}
    for key, value in pairs:
        while isinstance(value, ast.Name) and value.id in names:
            value = names[value.id]
        if key is None and isinstance(value, ast.Dict):
            inner = _parameters(list(zip(value.keys, value.values)), names)
            if inner is None:
                return None
            found |= inner
        elif isinstance(key, ast.Constant) and isinstance(value, ast.Constant) and isinstance(value.value, str):
            found[str(key.value)] = value.value
        else:
            return None
    return found
