"""Every resource type and every right of the template has a row in docs/aws-evidence.md, and each row's files exist."""

import json
import re

import pytest
from cloudformation import REPOSITORY

PAGE = REPOSITORY / "docs" / "aws-evidence.md"
RECORDINGS = REPOSITORY / "tests" / "recordings"


def rows():
    """The rows of the tables: a behaviour, the places that rely on it, and its sources. Headings of services are left
    out."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    table = [line for line in lines if line.startswith("| ") and not line.startswith(("| **", "| Behaviour"))]
    return [[cell.strip() for cell in line.removeprefix("|").removesuffix("|").split(" | ")] for line in table]


def quoted(text):
    return re.findall(r"`([^`]+)`", text)


def actions_of(node):
    """The actions of the policies within a node."""
    if isinstance(node, dict):
        named = node.get("Action", []) if "Effect" in node else []
        yield from [named] if isinstance(named, str) else named
        for below in node.values():
            yield from actions_of(below)
    elif isinstance(node, list):
        for below in node:
            yield from actions_of(below)


@pytest.fixture(scope="module")
def named():
    """The names in backticks in the first two columns."""
    return {name for row in rows() for name in quoted(row[0]) + quoted(row[1])}


def test_every_row_has_a_behaviour_a_place_and_a_source():
    assert len(rows()) > 100
    assert [row for row in rows() if len(row) != 3 or not all(row)] == []
    known = r"(Document|Recording|Issue|Model|Tool)s?\b|[Nn]ot (verified|recorded|tested)"
    assert [row for row in rows() if not re.search(known, row[2])] == []


def test_every_resource_type_has_a_row(template, named):
    types = {resource["Type"] for resource in template["Resources"].values()}
    assert types - named == set()


def test_every_action_of_a_policy_has_a_row(template, named):
    actions = set(actions_of(template["Resources"]))
    assert {"s3:GetObject", "states:StartExecution", "s3:*"} <= actions
    assert actions - named == set()


def test_the_files_of_every_row_exist():
    missing = []
    for behaviour, places, sources in rows():
        # Parentheses contain parts of a file, such as a resource of the template.
        named = quoted(re.sub(r"\([^)]*\)", "", places))
        assert named or places.startswith("nowhere"), behaviour
        named += [source for source in quoted(sources) if source.startswith("tests/recordings/")]
        missing += [name for name in named if not (REPOSITORY / name).is_file()]
    assert missing == []


def test_every_recording_has_a_source_and_a_row():
    sources = {source for row in rows() for source in quoted(row[2])}
    for path in RECORDINGS.glob("*.json"):
        recording = json.loads(path.read_text(encoding="utf-8"))
        assert recording["behaviour"] and recording["answered"]
        assert recording["source"].keys() == {"repository", "file", "test", "recorded"}
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", recording["source"]["recorded"])
        assert f"tests/recordings/{path.name}" in sources
