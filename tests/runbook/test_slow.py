"""The remedies for the alarms about slow, large and failing functions: saved queries, and more memory."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import commands
import pytest
import queries
from darkroom_local.layout import REPOSITORY
from uploads import eventually, status, upload

STACK = "darkroom-slow"


@pytest.fixture(scope="module")
def outputs(deploy: Callable[..., dict[str, str]]) -> dict[str, str]:
    return deploy(STACK)


def test_the_page_names_a_saved_query_in_each_section() -> None:
    page = commands.PAGE.read_text(encoding="utf-8")
    for section, query in {
        "Executions failed": "failures",
        "Slow completion": "slow renditions",
        "Function errors": "failures",
        "Near the time-out": "slow renditions",
        "Memory near its size": "slow renditions",
    }.items():
        text = page.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
        assert f"*{query}*" in " ".join(text.split()), f"the section {section} does not mention {query}"


def test_slow_renditions_lists_time_and_memory_of_each_rendition(client: Any, outputs: dict[str, str]) -> None:
    key = upload(client, outputs)
    eventually(lambda: status(client, outputs, key) == "completed", "it is completed")

    found = queries.ask("slow renditions", STACK, client)

    ours = [row for row in found if row["key"].startswith(f"{key}/")]
    assert {row["Rendition"] for row in ours} == {"thumbnail", "medium", "large", "original"}
    assert all(row["PeakMemory"] > 0 and row["BytesOut"] > 0 for row in found)
    times = [row["RenderTime"] for row in found]
    assert times == sorted(times, reverse=True)


def test_failures_lists_the_error_and_its_cause(client: Any, outputs: dict[str, str]) -> None:
    key = f"uploads/{uuid.uuid4()}.jpg"
    job = json.loads((REPOSITORY / "events" / "resize.job.json").read_text(encoding="utf-8"))
    job["source"] |= {"bucket": outputs["SourceBucketName"], "key": key}
    job["source"].pop("version_id", None)
    job["destination"]["bucket"] = outputs["DestinationBucketName"]

    name = outputs["ResizeFunctionName"]
    answer = client("lambda").invoke(FunctionName=name, Payload=json.dumps(job))

    assert "FunctionError" in answer
    (row,) = [row for row in queries.ask("failures", STACK, client) if row["span.key"] == key]
    # Without s3:ListBucket, the function cannot distinguish a missing source from a forbidden one.
    assert row["error"] == "Misconfigured" and row["cause"]


def test_more_memory_is_a_parameter(client: Any, deploy: Callable[..., Any], outputs: dict[str, str]) -> None:
    deploy(STACK, ResizeMemorySize="3008")
    function = client("lambda").get_function_configuration(FunctionName=outputs["ResizeFunctionName"])
    assert function["MemorySize"] == 3008
