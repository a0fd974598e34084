"""The load is what it is said to be, and its checks see what they look for."""

from collections import Counter

import pytest
from checks import broken_promises
from memory import is_growing
from plan import SIZES, Upload, planned


@pytest.mark.parametrize(
    ("held_mb", "grows"),
    [
        ([10.0] * 30, False),
        ([10.0 + 2 * second for second in range(30)], True),
        ([10.0] * 20 + [80.0] + [30.0] * 9, True),  # never given back, and never so much before
        ([10.0, 80.0] + [10.0] * 18 + [30.0] * 10, False),  # a large picture before, a middling one now
    ],
)
def test_a_process_grows_that_never_comes_down_to_what_was_once_enough(held_mb, grows):
    assert is_growing(held_mb) is grows


def test_a_thousand_uploads_have_two_per_cent_that_are_bad_and_two_that_come_twice():
    uploads = planned(1000, {size: size.encode() * 100 for size in SIZES})
    assert len(uploads) == 1000
    assert 10 <= sum(upload.status == "rejected" for upload in uploads) <= 30
    assert 10 <= sum(upload.is_overtaken for upload in uploads) <= 30


class Audience:
    def __init__(self, *told):
        self.events = [
            {"detail-type": "Image Completed", "detail": {"key": key, "version_id": version}} for key, version in told
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
    ("told", "stack", "executions", "broken"),
    [
        ([("a", "1")], Stack({*"wxyz"}, renditions=FOUR), {"SUCCEEDED": 1}, None),
        ([], Stack({*"wxyz"}, renditions=FOUR), {"SUCCEEDED": 1}, "told 0 times"),
        ([("a", "1")] * 2, Stack({*"wxyz"}, renditions=FOUR), {"SUCCEEDED": 1}, "told 2 times"),
        ([("a", "1")], Stack({*"wxy"}, renditions=FOUR), {"SUCCEEDED": 1}, "recorded, and not stored"),
        ([("a", "1")], Stack({*"wxyz"}, renditions=FOUR[:3]), {"SUCCEEDED": 1}, "3 renditions, not 4"),
        ([("a", "1")], Stack({*"wxyz"}, status="processing", renditions=FOUR), {"SUCCEEDED": 1}, "not completed"),
        ([("a", "1")], Stack({*"wxyz"}, renditions=FOUR), {"FAILED": 1}, "not green"),
        ([("a", "1")], Stack({*"wxyz"}, renditions=FOUR), {"SUCCEEDED": 2}, "2 executions for 1 uploads"),
    ],
)
def test_every_broken_promise_is_named(told, stack, executions, broken):
    upload = Upload("a", b"", "completed")
    upload.version_id = "1"
    found = list(broken_promises([upload], Audience(*told), stack, Counter(executions)))
    assert len(found) == (broken is not None), found
    assert broken is None or broken in found[0]
