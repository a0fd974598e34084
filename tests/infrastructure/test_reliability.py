"""docs/reliability.md promises nothing without a test: every test that it names is there."""

import re

import pytest
from cloudformation import REPOSITORY

PAGE = REPOSITORY / "docs" / "reliability.md"
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
# What takes too long, or wants too much, for every run of the tests.
TARGET = re.compile(r"^\s*`make (\w+)[^`]*`")
LINK = re.compile(r"\[[^\]]+\]\(([^)]+)\)")


def promises():
    section = PAGE.read_text(encoding="utf-8").split("## The promises")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return rows[1:]


def named_tests(held_by):
    """Each file that is linked, with the names that follow its link."""
    for part in held_by.split(";"):
        if target := TARGET.match(part):
            assert f"\n{target[1]}: " in MAKEFILE, part
            continue
        path = LINK.search(part)
        assert path, f"no file is linked in: {part}"
        yield (PAGE.parent / path[1]).resolve(), re.findall(r"`(\w+)`", part)


@pytest.mark.parametrize("promise, held_by", promises())
def test_a_promise_is_held_by_tests_that_are_there(promise, held_by):
    for file, names in named_tests(held_by):
        assert names, f"{file.name} is linked, and no test in it is named: {promise}"
        source = file.read_text(encoding="utf-8")
        for name in names:
            # A test, what tests check with, or a story of `make chaos`.
            written = (f"fn {name}(", f"def {name}(", f'name: "{name}"')
            assert any(it in source for it in written), f"{file} has no {name}"


def test_there_are_promises():
    assert len(promises()) > 10
