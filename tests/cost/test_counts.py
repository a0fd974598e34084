"""A real execution takes the state transitions and the requests that docs/cost.md reckons with.

On the local cloud that DARKROOM_OUTPUTS names; its log has a line for each request.
"""

from __future__ import annotations

import json
import sys
import uuid
from pathlib import Path

import pytest
from darkroom_invoke.stack import Stack

REPOSITORY = Path(__file__).resolve().parents[2]
MEASURED = json.loads((REPOSITORY / "docs" / "cost" / "measured.json").read_text(encoding="utf-8"))

sys.path.append(str(REPOSITORY / "bench"))

from darkroom_bench.cost import through  # noqa: E402


@pytest.mark.parametrize("profile", ["web", "proxies", "variants", "widths"])
def test_a_picture_takes_what_the_page_says(instance, outputs, profile):
    key = f"{profile}/{uuid.uuid4()}.jpg"
    facts = through(Stack(outputs), instance.log_file, key, REPOSITORY / "events" / "picture.jpg").facts
    expected = next(entry for entry in MEASURED if (entry["profile"], entry["source"]) == (profile, "2 MP"))

    assert facts["transitions"] == 4 + facts["renditions"] == expected["transitions"]
    assert facts["requests"] == expected["requests"]
    # One look at the source, then each rendition reads and writes; the record is opened and closed; one event.
    renditions = facts["renditions"]
    assert facts["requests"] == {
        "dynamodb UpdateItem": 2, "events PutEvents": 1, "s3 GET": 1 + renditions, "s3 PUT": renditions,
    }  # fmt: skip
