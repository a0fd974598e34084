"""A real execution takes the state transitions and the requests that docs/cost.md calculates with.

The log of the local cloud has a line for each request.
"""

from __future__ import annotations

import json
import uuid

import pytest
from darkroom_bench.cost import measure_picture
from darkroom_invoke.stack import Stack
from darkroom_local.layout import REPOSITORY

MEASURED = json.loads((REPOSITORY / "docs" / "cost" / "measured.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("profile", ["web", "proxies", "variants", "widths"])
def test_a_picture_takes_the_transitions_and_requests_of_the_page(instance, outputs, profile):
    key = f"{profile}/{uuid.uuid4()}.jpg"
    facts = measure_picture(Stack(outputs), instance.log_file, key, REPOSITORY / "events" / "picture.jpg").facts
    expected = next(entry for entry in MEASURED if (entry["profile"], entry["source"]) == (profile, "2 MP"))

    assert facts["transitions"] == 4 + facts["renditions"] == expected["transitions"]
    assert facts["requests"] == expected["requests"]
    # Validate reads the source once, and each rendition reads and writes once. The record is opened and closed, and one
    # event is published.
    renditions = facts["renditions"]
    assert facts["requests"] == {
        "dynamodb UpdateItem": 2, "events PutEvents": 1, "s3 GET": 1 + renditions, "s3 PUT": renditions,
    }  # fmt: skip
