"""The pages that repeat facts of other files agree with them. `make docs` generates some of them."""

import re
import subprocess
import sys

import jmespath
import pytest
from cloudformation import REPOSITORY

sys.path[:0] = [str(REPOSITORY / "docs" / "generate"), str(REPOSITORY / "api")]

import configuration  # noqa: E402
import cost  # noqa: E402
import deployed  # noqa: E402

DIAGRAMS = re.findall(
    r"```mermaid\n(.*?)```", (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8"), re.DOTALL
)


@pytest.mark.parametrize("generated", [configuration, cost, deployed], ids=lambda it: it.__name__)
def test_a_generated_file_is_up_to_date(generated):
    assert generated.PAGE.read_text(encoding="utf-8") == generated.current(), "run `make docs`"


def test_every_parameter_is_documented(template):
    page = configuration.current()
    assert all(f"\n### {name}\n" in page for name in template["Parameters"])


def test_the_diagram_of_the_stack_shows_every_function_bucket_and_table_and_nothing_else_that_is_not_deployed(template):
    resources = template["Resources"]
    # SAM names the rule of a function's event after both.
    rules = {name + event for name, it in resources.items() for event in it.get("Properties", {}).get("Events", {})}
    # Labels are in quotes; a node that begins with a capital letter is a resource of the template.
    drawn = set(re.findall(r"\b[A-Z]\w+", re.sub(r'"[^"]*"', "", DIAGRAMS[0].removeprefix("flowchart LR"))))
    assert drawn - rules - resources.keys() == set()
    kinds = ("AWS::Serverless::Function", "AWS::S3::Bucket", "AWS::DynamoDB::Table")
    assert {name for name, it in resources.items() if it["Type"] in kinds} <= drawn


def test_the_diagram_of_the_state_machine_shows_every_state_and_every_verdict(definition):
    labels = set(re.findall(r'"([^"]*)"', DIAGRAMS[1]))
    states, inner = definition["States"], definition["States"]["Resize Renditions"]["ItemProcessor"]["States"]
    verdicts = {choice["Condition"].split("'")[1] for choice in states["Accept or Reject?"]["Choices"]}
    assert labels == {*states, *inner, *verdicts, "for each job"}


def test_the_cost_of_a_picture_is_the_sum_of_its_parts():
    entry = {
        "transitions": 6, "renditions": 2, "record_bytes": 1500, "history_bytes": 10_000,
        "requests": {"dynamodb UpdateItem": 2, "s3 GET": 3, "s3 PUT": 2},
        "cpu_ms": {"validate": 10, "notify": 10, "resize": {"a": 100, "b": 300}},
    }  # fmt: skip
    parts = cost.picture(entry)
    assert parts["workflow"] == 6 * 25
    assert parts["S3 requests"] == pytest.approx(3 * 5 + 3 * 0.40)
    # 300 and 500 ms at 1,769 MB; ten ms at a seventh of a processor, and waits of 110 and 60 ms, at 256 MB.
    gb_s = 0.8 * 1769 / 1024 + (0.18 + 0.13) * 0.25
    assert parts["functions"] == pytest.approx(gb_s * 13.3334 + 4 * 0.20, rel=1e-3)
    # 180 + 500 + 130 ms, in chunks of 100 ms, at 64 MB.
    assert cost.picture(entry, "EXPRESS")["workflow"] == pytest.approx(1 + 0.9 * 64 / 1024 * 16.67)
    half = cost.picture(entry, memory_mb=1769 // 2)
    assert half["functions"] < parts["functions"]


def test_the_dashboard_calculates_with_the_prices_of_the_page():
    template = (REPOSITORY / "template.yaml").read_text(encoding="utf-8")
    (expression,) = re.findall(r'"functions and workflow", "expression": "(.*?)"', template)
    (transition,) = re.findall(r"TransitionPrice: !If \[IsExpress, '0', '(.*?)'\]", template)
    usd = cost.USD
    assert f"* {usd['lambda_gb_s']['arm64']:.10f} " in expression
    assert f"* {usd['lambda_requests_million'] / 1e6:.7f} " in expression
    assert float(transition) == usd["states_standard_transitions_million"] / 1e6


VERSION, MARKER = {"Key": "a.jpg", "VersionId": "1", "Size": 9}, {"Key": "b.jpg", "VersionId": "2", "IsLatest": True}


@pytest.mark.parametrize(
    "listed, deleted",
    [
        ({"Versions": [VERSION], "DeleteMarkers": [MARKER]}, [("a.jpg", "1"), ("b.jpg", "2")]),
        ({"Versions": [VERSION]}, [("a.jpg", "1")]),
        ({"DeleteMarkers": [MARKER]}, [("b.jpg", "2")]),
        ({}, []),
    ],
)
def test_the_query_of_the_page_selects_every_version_and_marker_for_deletion(listed, deleted):
    page = (REPOSITORY / "docs" / "deploy.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"list-object-versions.*?--query '(.*?)'", page, re.DOTALL)

    answer = jmespath.search(query, listed)

    assert answer == {"Objects": [{"Key": key, "VersionId": version} for key, version in deleted]}


PAGES = [
    REPOSITORY / name
    for name in subprocess.run(
        ["git", "ls-files", "*.md"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout.split()
]


def prose(page):
    return re.sub(r"^ *```.*?^ *```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)


def anchors(page):
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_every_link_leads_to_a_file_and_to_a_heading(page):
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert ":" in link or target.exists(), link
        assert not anchor or ":" in link or anchor in anchors(target), link


def test_every_file_that_contributing_names_exists():
    page = prose(REPOSITORY / "CONTRIBUTING.md")
    paths = re.findall(r"`((?:api|cli|crates|docs|functions|fuzz|local|tests)/[\w./-]+)`", page)
    assert len(paths) > 30
    assert [path for path in paths if not (REPOSITORY / path).exists()] == []


def test_each_step_of_the_architecture_page_names_a_definition_of_its_file():
    page = prose(REPOSITORY / "docs" / "architecture.md")
    steps = re.findall(r"^\| .+ \| \[(.+?)\]\(.+?\) \| `(\w+)` \|$", page, re.MULTILINE)
    assert len(steps) > 20
    for path, name in steps:
        source = (REPOSITORY / path).read_text(encoding="utf-8")
        assert re.search(rf"\b(fn|struct|enum|trait) {name}\b", source), f"{path}: {name}"


def test_the_tree_of_the_architecture_page_is_that_of_the_repository():
    page = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    (tree,) = re.findall(r"```\n(crates/\n.*?)```", page, re.DOTALL)
    listed, folders = set(), {0: REPOSITORY}
    for indent, name in re.findall(r"^( *)(\S+)", tree, re.MULTILINE):
        path = folders[len(indent)] / name
        assert path.exists(), path
        listed.add(path)
        folders[len(indent) + 2] = path
    for crate in ("imaging", "pipeline"):
        assert set((REPOSITORY / "crates" / crate / "src").iterdir()) - listed == set(), crate
