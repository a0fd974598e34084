"""`make invoke` with every file of events/, on the local cloud that DARKROOM_OUTPUTS names, also in containers."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from pathlib import Path

import missing_tools
import pytest
from answers import ANSWERS

REPOSITORY = Path(__file__).resolve().parents[2]
EVENTS = REPOSITORY / "events"
AWS_IMAGE = f"public.ecr.aws/lambda/provided:al2023-{'arm64' if platform.machine() == 'aarch64' else 'x86_64'}"

@pytest.fixture(scope="module")
def image() -> str:
    """The image for containers: a named one; an empty string for AWS's, which SAM pulls; or a stand-in for it."""
    try:
        subprocess.run(["docker", "info"], capture_output=True, check=True, timeout=60)
    except (OSError, subprocess.SubprocessError):
        missing_tools.skip("docker")
    if named := os.environ.get("DARKROOM_INVOKE_IMAGE"):
        return named
    if subprocess.run(["docker", "pull", "--quiet", AWS_IMAGE], capture_output=True, check=False).returncode == 0:
        return ""
    made = subprocess.run(["local/stand_in_image.sh"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        missing_tools.skip("docker")
    return made.stdout.strip()


def invoke(outputs_file: Path, event: str, *assignments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # The target `setup` is up to date: these tests run in its environment.
    command = ["make", "--silent", "--no-print-directory", "--assume-old=setup", "invoke"]
    command += [f"OUTPUTS={outputs_file}", f"EVENT={event}", *assignments]
    env = {**os.environ, **environment}
    return subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, timeout=1800, check=False)


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, object]:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_every_event_has_an_expected_answer():
    assert ANSWERS.keys() == {path.name for path in EVENTS.glob("*.json")}


@pytest.mark.parametrize("event", ANSWERS)
def test_an_event_has_the_expected_answer(outputs_file, event):
    field, expected = ANSWERS[event]
    assert answer(invoke(outputs_file, f"events/{event}", f"FUNCTION={event.partition('.')[0]}"))[field] == expected


def test_the_error_of_a_function_is_printed_and_fails_make(outputs_file):
    done = invoke(outputs_file, "events/resize.job.json", "FUNCTION=validate")
    assert done.returncode != 0
    assert "the function failed" in done.stderr and "Misconfigured" in done.stderr


@pytest.mark.parametrize("event", ANSWERS)
def test_an_event_has_the_expected_answer_in_a_container(outputs_file, image, event):
    field, expected = ANSWERS[event]
    done = invoke(outputs_file, f"events/{event}", "CONTAINER=yes", DARKROOM_INVOKE_IMAGE=image)
    assert answer(done)[field] == expected
    assert "REPORT RequestId" in done.stderr
