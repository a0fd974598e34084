"""The classification of runs with hostile files, and the files themselves."""

import functools
import json
import subprocess
import zlib
from pathlib import Path

import hostile
import pytest
from bombs import avif, gif, jpeg, png, webp
from limited_process import Limits, ProcessEnd, Run, classify

LIMITS = Limits(memory_mb=256, invocation_s=120, run_s=600)


def ended(returncode=0, stderr="", longest_ms=5, taken_kib=20_480, **result):
    memory = {"peak_kib": 30_720, "taken_kib": taken_kib, "estimate_kib": 20_480}
    said = {"result": result, "cost": {"requests": 1, "longest_ms": longest_ms, **memory}}
    return subprocess.CompletedProcess([], returncode, (json.dumps(said) + "\n").encode(), stderr.encode())


CORRUPT = {"outcome": "rejected", "code": "corrupt"}


@pytest.mark.parametrize(
    ("process", "end"),
    [
        (ended(outcome="completed"), ProcessEnd.COMPLETED),
        (ended(**CORRUPT, message="a marker is out of place at byte 7"), ProcessEnd.REJECTED),
        (ended(outcome="rejected", code="too_much_memory", message="… MB of memory"), ProcessEnd.REJECTED),
        (ended(outcome="failed", code="RenderFailed", message=""), ProcessEnd.FAILED),
        (ended(**CORRUPT, message="", stderr="thread 'x' panicked at src/a.rs:1:1"), ProcessEnd.PANICKED),
        (ended(**CORRUPT, message="damaged WebP: VP8_STATUS_OUT_OF_MEMORY"), ProcessEnd.OUT_OF_MEMORY),
        (ended(returncode=-6, stderr="memory allocation of 9 bytes failed"), ProcessEnd.OUT_OF_MEMORY),
        (ended(returncode=-11), ProcessEnd.ABORTED),
        (ended(returncode=101, stderr="main panicked at"), ProcessEnd.ABORTED),
        (ended(outcome="completed", longest_ms=120_001), ProcessEnd.TIMED_OUT),
        (ended(outcome="completed", taken_kib=20_481), ProcessEnd.UNDERESTIMATED),
        (ended(**CORRUPT, message="", taken_kib=20_481), ProcessEnd.UNDERESTIMATED),
    ],
)
def test_the_end_of_a_process_is_classified(process, end):
    assert classify(Path("a"), process, LIMITS).end is end


def test_only_verdicts_are_acceptable_ends():
    assert [end for end in ProcessEnd if end.is_acceptable] == [ProcessEnd.COMPLETED, ProcessEnd.REJECTED]


@pytest.mark.parametrize("byte_len", [0, 7, 1 << 20, (3 << 20) + 1])
def test_deflated_zeros_inflate_to_as_many_zeros(byte_len):
    assert zlib.decompress(png.zeros(byte_len)) == bytes(byte_len)


def test_estimates_are_reported_by_format_with_the_closest_file():
    run = functools.partial(Run, end=ProcessEnd.COMPLETED, code="", message="")
    runs = [
        run(Path("a.png"), taken_mb=8, estimate_mb=10),
        run(Path("b.png"), taken_mb=3, estimate_mb=12),
        run(Path("refused.gif")),
    ]
    assert hostile.estimates([("web, 256 MB", runs)]) == [("web, 256 MB", "png", "2", "12", "8", "a.png: 8 of 10 MB")]


def test_a_decompression_bomb_is_a_short_file():
    for files, name, most in [
        (png.FILES, "bomb-rgb-16383x14000.png", 1_000_000),
        (gif.FILES, "bomb-16383x14000.gif", 400_000),
        (webp.FILES, "bomb-16383x16383.webp", 100),
        (jpeg.FILES, "scans-2647-of-800x600.jpg", 100_000),
        (avif.FILES, "flat-16000x16000.avif", 2_000),
    ]:
        assert len(files[name]()) < most, name
