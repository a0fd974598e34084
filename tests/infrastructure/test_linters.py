"""The linters that AWS's own tools bring. Each is skipped, and says so, where it is not installed."""

import os
import shutil
import subprocess

import pytest
from cloudformation import REPOSITORY

LOCAL_CLOUDS_TOOLS = REPOSITORY / ".local" / "sam" / "bin"


def run(tool, *arguments):
    found = shutil.which(tool, path=os.pathsep.join([str(LOCAL_CLOUDS_TOOLS), os.environ.get("PATH", os.defpath)]))
    if found is None:
        pytest.skip(f"{tool} is not installed")
    offline = {"AWS_DEFAULT_REGION": "us-east-1", "SAM_CLI_TELEMETRY": "0"}
    done = subprocess.run(
        [found, *arguments], cwd=REPOSITORY, env=os.environ | offline, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_sam_finds_no_fault_with_the_template():
    run("sam", "validate", "--lint")


def test_asl_validator_finds_no_fault_with_the_state_machine():
    run("asl-validator", "--json-path", "statemachine/image_pipeline.asl.json")
