"""docs/reliability.md and docs/security.md claim nothing without a test: every test that they name exists."""

import re

import pytest
from cloudformation import REPOSITORY

DOCS = REPOSITORY / "docs"
MAKEFILE = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
LINK = re.compile(r"\[[^\]]+\]\(([^)#]+)")
# A test, a function that tests check with, or a story of `make chaos`.
DEFINITIONS = ("fn {}(", "def {}(", 'name: "{}"')


def claims(page):
    """The rows of each table whose last column is `checked by`: the first cell and the last."""
    in_table = False
    for line in (DOCS / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if not line.startswith("|"):
            in_table = False
        elif cells[-1] == "checked by":
            in_table = True
        elif in_table and not line.startswith("|---"):
            yield cells[0], cells[-1]


def has_definition(file, name):
    source = file.read_text(encoding="utf-8")
    return any(definition.format(name) in source for definition in DEFINITIONS)


@pytest.mark.parametrize("claim, checked_by", list(claims("security.md")))
def test_every_claim_about_security_names_a_test_or_a_check_that_exists(claim, checked_by):
    files = [(DOCS / link).resolve() for link in LINK.findall(checked_by)]
    targets = re.findall(r"`make (\S+?)`", checked_by)
    assert files or targets or re.match(r"the same|`(local/|gh )|the workflow|zizmor", checked_by), claim
    assert all(f"\n{target}: " in MAKEFILE for target in targets), targets
    for name in re.findall(r"`([a-z]\w+_\w+)`", checked_by):
        assert any(has_definition(file, name) for file in files), name


@pytest.mark.parametrize("claim, checked_by", list(claims("reliability.md")))
def test_every_promise_about_reliability_names_a_test_that_exists(claim, checked_by):
    for part in checked_by.split(";"):
        link, names = LINK.search(part), re.findall(r"`(\w+)`", part)
        assert link and names, f"no file, or no test of it, is named: {part}"
        missing = [name for name in names if not has_definition((DOCS / link[1]).resolve(), name)]
        assert missing == [], part


def test_both_pages_have_rows_to_check():
    assert len(list(claims("security.md"))) > 30
    assert len(list(claims("reliability.md"))) > 10
