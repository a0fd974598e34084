"""The plan of the load, and its checks."""

from collections import Counter

import pytest
from checks import violations
from memory import is_growing
from plan import SIZES, Upload, planned


@pytest.mark.parametrize(
    ("held_mb", "grows"),
    [
        ([10.0] * 30, False),
        ([10.0 + 2 * second for second in range(30)], True),
        ([10.0] * 20 + [80.0] + [30.0] * 9, True),  # never released, and never so much before
        ([10.0, 80.0] + [10.0] * 18 + [30.0] * 10, False),  # a large picture before, a medium one now
    ],
)
def test_a_process_grows_if_its_memory_never_returns_to_what_was_enough(held_mb, grows):
    assert is_growing(held_mb) is grows


def test_of_a_thousand_uploads_two_percent_are_invalid_and_two_percent_are_superseded():
    uploads = planned(1000, {size: size.encode() * 100 for size in SIZES})
    assert len(uploads) == 1000
    assert 10 <= sum(upload.status == "rejected" for upload in uploads) <= 30
    assert 10 <= sum(upload.is_superseded for upload in uploads) <= 30


class EventListener:
    def __init__(self, *published):
        self.events = [
            {"detail-type": "Image Completed", "detail": {"key": key, "version_id": version}} for key, version in published
        ]


class Stack:
    def __init__(self, stored, **record):
        self._stored, self._record = stored, record

    def records(self):
        return {"a": {"status": "completed", "version_id": "1", **self._record}}

    def rendition_keys(self):
        return self._stored


FOUR = [{"key": name} for name in "wxyz"]


@pytest.mark.parametrize(
    ("published", "stack", "executions", "expected"),
    [
        ([("a", "1")], Stack({*"wxyz"}, renditions=FOUR), {"SUCCEEDED": 1}, None),
        ([], Stack({*"wxyz"}, renditions=FOUR), {"SUCCEEDED": 1}, "published 0 times"),
        ([("a", "1")] * 2, Stack({*"wxyz"}, renditions=FOUR), {"SUCCEEDED": 1}, "published 2 times"),
        ([("a", "1")], Stack({*"wxy"}, renditions=FOUR), {"SUCCEEDED": 1}, "recorded, but not stored"),
        ([("a", "1")], Stack({*"wxyz"}, renditions=FOUR[:3]), {"SUCCEEDED": 1}, "3 renditions, not 4"),
        ([("a", "1")], Stack({*"wxyz"}, status="processing", renditions=FOUR), {"SUCCEEDED": 1}, "not completed"),
        ([("a", "1")], Stack({*"wxyz"}, renditions=FOUR), {"FAILED": 1}, "did not succeed"),
        ([("a", "1")], Stack({*"wxyz"}, renditions=FOUR), {"SUCCEEDED": 2}, "2 executions for 1 uploads"),
    ],
)
def test_every_violation_is_named(published, stack, executions, expected):
    upload = Upload("a", b"", "completed")
    upload.version_id = "1"
    found = list(violations([upload], EventListener(*published), stack, Counter(executions)))
    assert len(found) == (expected is not None), found
    assert expected is None or expected in found[0]
