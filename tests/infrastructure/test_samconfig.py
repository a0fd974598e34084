"""The stages of samconfig.toml, and the script that deploys one."""

import os
import re
import subprocess
import tomllib

import pytest
from cloudformation import REPOSITORY

STAGES = tomllib.loads((REPOSITORY / "samconfig.toml").read_text(encoding="utf-8"))
STACKS = {"default": "darkroom-dev", "dev": "darkroom-dev", "staging": "darkroom-staging", "prod": "darkroom-prod"}


def deploy(stage):
    return STAGES[stage]["deploy"]["parameters"]


def test_each_stage_has_its_own_stack():
    assert {stage: deploy(stage)["stack_name"] for stage in STAGES if stage != "version"} == STACKS


def test_dev_is_the_default():
    assert STAGES["dev"] == STAGES["default"]


@pytest.mark.parametrize("stage", STACKS)
def test_a_stage_needs_no_further_options(stage):
    assert deploy(stage)["capabilities"] == "CAPABILITY_IAM"
    assert deploy(stage)["resolve_s3"] is True


@pytest.mark.parametrize("stage", STACKS)
def test_only_dev_is_deployed_without_a_confirmation(stage):
    assert deploy(stage)["confirm_changeset"] is (stage in ("staging", "prod"))


@pytest.mark.parametrize("stage", STACKS)
def test_a_stage_sets_only_parameters_and_values_that_the_template_allows(stage, template):
    for assignment in deploy(stage)["parameter_overrides"].split():
        name, value = assignment.split("=")
        parameter = template["Parameters"][name]
        if "AllowedValues" in parameter:
            assert value in map(str, parameter["AllowedValues"]), assignment
        elif "AllowedPattern" in parameter:
            assert re.fullmatch(parameter["AllowedPattern"], value), assignment
        else:
            assert parameter["MinValue"] <= int(value) <= parameter["MaxValue"], assignment


@pytest.mark.parametrize("stage", STACKS)
def test_no_stage_uses_sams_build_cache(stage):
    # Its hash includes target/, and it keeps an old binary if only a shared crate has changed.
    assert STAGES[stage]["build"]["parameters"]["cached"] is False


def test_every_place_that_builds_for_aws_installs_the_same_tools():
    pinned = re.findall(r"^([\w-]+)==", (REPOSITORY / "local" / "requirements-cross.txt").read_text(), re.M)
    assert pinned == ["cargo-lambda", "ziglang"]
    install = "--require-hashes --requirement local/requirements-cross.txt"
    for path in ("docs/deploy.md", ".github/workflows/deploy.yml", ".github/workflows/release.yml"):
        assert install in (REPOSITORY / path).read_text(encoding="utf-8"), path


def run_stage(tmp_path, **more):
    """Runs `deploy/stage.sh` with stand-ins for its tools. Returns a line for each call of a tool."""
    calls = tmp_path / "calls"
    for tool in ("sam", "cargo", "cargo-lambda", "aws"):
        (tmp_path / tool).write_text(f'#!/bin/sh\necho "{tool} $*" >> {calls}\n', encoding="utf-8")
        (tmp_path / tool).chmod(0o755)
    mine = {name: value for name, value in os.environ.items() if name not in ("DEPLOY_ONLY", "DOCTOR")}
    environment = {**mine, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", **more}
    command = ["deploy/stage.sh", "dev", "Architecture=x86_64"]
    subprocess.run(command, cwd=REPOSITORY, env=environment, check=True, capture_output=True, timeout=60)
    return calls.read_text(encoding="utf-8").splitlines()


def test_the_build_and_the_deployment_have_the_same_parameters(tmp_path):
    # Otherwise arm64 binaries could be deployed as x86_64, and would not start.
    lines = run_stage(tmp_path)
    build, deployment = (line for line in lines if line.startswith(("sam build ", "sam deploy ")))
    given = [call.split("--parameter-overrides ", 1)[1].split() for call in (build, deployment)]
    assert given[0] == given[1] and "Architecture=x86_64" in given[0] and "Observe=Off" in given[0]


def test_a_deployment_ends_with_the_doctor(tmp_path):
    last = run_stage(tmp_path)[-1]
    assert last.startswith("cargo run ") and last.endswith(" doctor --stack darkroom-dev")


@pytest.mark.parametrize("without", [{"DOCTOR": "no"}, {"DEPLOY_ONLY": "deploy"}, {"DEPLOY_ONLY": "build"}])
def test_the_doctor_is_skipped_on_request_and_in_jobs_that_compile_nothing(without, tmp_path):
    assert not [line for line in run_stage(tmp_path, **without) if "doctor" in line]
