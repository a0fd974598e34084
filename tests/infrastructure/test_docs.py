"""The documents that are made from other files are up to date: `make docs` makes them again."""

import re
import sys

import jmespath
import pytest
from cloudformation import REPOSITORY

sys.path[:0] = [str(REPOSITORY / "docs" / "generate"), str(REPOSITORY / "api")]

import architecture  # noqa: E402
import configuration  # noqa: E402
import cost  # noqa: E402
import deployed  # noqa: E402
import state_machine  # noqa: E402


@pytest.mark.parametrize(
    "path, current",
    [
        (architecture.PICTURE, architecture.current),
        (configuration.PAGE, configuration.current),
        (cost.PAGE, cost.current),
        (deployed.PAGE, deployed.current),
        (state_machine.PICTURE, state_machine.current),
    ],
    ids=lambda it: getattr(it, "name", ""),
)
def test_what_is_made_is_current(path, current):
    assert path.read_text(encoding="utf-8") == current(), "run `make docs`"


def test_every_parameter_and_every_state_is_there(template, definition):
    page = configuration.current()
    assert all(f"\n### {name}\n" in page for name in template["Parameters"])
    picture = state_machine.current()
    assert all(f">{name}</text>" in picture for name in definition["States"])
    assert ">Resize Rendition</text>" in picture


def test_every_resource_that_is_drawn_is_deployed(template):
    resources = template["Resources"]
    # SAM names what an event makes after its owner and the event.
    made = {name + event for name, it in resources.items() for event in it.get("Properties", {}).get("Events", {})}
    drawn = {name for box in architecture.BOXES.values() for name in box.resources}
    assert drawn - made - resources.keys() == set()
    functions = {name for name, it in resources.items() if it["Type"] == "AWS::Serverless::Function"}
    stores = {name for name, it in resources.items() if it["Type"] in ("AWS::S3::Bucket", "AWS::DynamoDB::Table")}
    assert functions | stores <= drawn
    assert all(f">{line}</text>" in architecture.current() for box in architecture.BOXES.values() for line in box.lines)


def test_an_arrow_leads_from_a_box_to_another():
    assert all({start, end} <= architecture.BOXES.keys() for start, end, _ in architecture.ARROWS)
    alone = architecture.BOXES.keys() - {name for start, end, _ in architecture.ARROWS for name in (start, end)}
    assert alone == {"watching"}


def test_a_picture_costs_what_its_parts_do():
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


def test_the_dashboard_reckons_with_the_same_prices():
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
def test_taking_it_down_deletes_every_version_and_marker(listed, deleted):
    page = (REPOSITORY / "docs" / "deploy.md").read_text(encoding="utf-8")
    (query,) = re.findall(r"list-object-versions.*?--query '(.*?)'", page, re.DOTALL)

    answer = jmespath.search(query, listed)

    assert answer == {"Objects": [{"Key": key, "VersionId": version} for key, version in deleted]}
