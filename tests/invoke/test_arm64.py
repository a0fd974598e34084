"""The arm64 functions in the folder that DARKROOM_ARM64 names: `make build-arm64 && make test-arm64`.

They run under user-mode emulation, between a stand-in for the Lambda runtime API and the local cloud.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import missing_tools
import pytest
from answers import ANSWERS
from darkroom_local import binaries

REPOSITORY = Path(__file__).resolve().parents[2]
FUNCTIONS = ("ImagesFunction", "NotifyFunction", "ResizeFunction", "ValidateFunction")


@pytest.fixture(scope="module")
def built() -> Path:
    if not (named := os.environ.get("DARKROOM_ARM64")):
        missing_tools.skip("arm64")
    return Path(named)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_binary_is_stripped_and_for_arm64_and_lambdas_c_library(built, function):
    binary = binaries.inspect(built / function / "bootstrap")
    assert (binary.machine, binary.stripped) == ("AArch64", True)
    assert binary.glibc <= binaries.NEWEST_GLIBC


def test_only_the_resize_function_contains_the_codecs_neon(built):
    # libwebp has about 170 of these instructions, mozjpeg about 90. Other code has a handful of similar bytes.
    assert binaries.hand_written_neon_count(built / "ResizeFunction" / "bootstrap") > 200
    assert binaries.hand_written_neon_count(built / "NotifyFunction" / "bootstrap") < 20


def invoke(outputs_file: Path, built: Path, event: str) -> dict[str, object]:
    command = [sys.executable, "local/invoke.py", "--arm64", str(built)]
    command += ["--outputs", str(outputs_file), f"events/{event}"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("event", ANSWERS)
def test_an_event_has_the_expected_answer(outputs_file, built, event):
    field, expected = ANSWERS[event]
    assert invoke(outputs_file, built, event)[field] == expected


def test_a_rendition_has_the_same_bytes_as_on_this_machine(client, outputs, outputs_file, built):
    def rendered(*way: str) -> bytes:
        command = [sys.executable, "local/invoke.py", *way, "--outputs", str(outputs_file), "events/resize.job.json"]
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=1800, check=True)
        key = json.loads(done.stdout)["rendition"]["key"]
        return client("s3").get_object(Bucket=outputs["DestinationBucketName"], Key=key)["Body"].read()

    here, emulated = rendered(), rendered("--arm64", str(built))
    assert here[:4] == b"RIFF" and here[8:12] == b"WEBP"
    assert emulated == here
