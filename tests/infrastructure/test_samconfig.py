"""Deploy defaults: one stack per stage, each with settings that the template has."""

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
def test_a_stage_deploys_with_nothing_more_to_say(stage):
    assert deploy(stage)["capabilities"] == "CAPABILITY_IAM"
    assert deploy(stage)["resolve_s3"] is True


@pytest.mark.parametrize("stage", STACKS)
def test_only_dev_changes_without_a_question(stage):
    assert deploy(stage)["confirm_changeset"] is (stage in ("staging", "prod"))


@pytest.mark.parametrize("stage", STACKS)
def test_a_stage_sets_only_what_the_template_has_and_allows(stage, template):
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
def test_no_stage_builds_from_sams_cache(stage):
    # It hashes target/, and keeps a stale binary when only a shared crate changed.
    assert STAGES[stage]["build"]["parameters"]["cached"] is False


def test_what_builds_for_aws_is_the_same_wherever_it_is_installed():
    pinned = re.findall(r"^([\w-]+)==", (REPOSITORY / "local" / "requirements-cross.txt").read_text(), re.M)
    assert pinned == ["cargo-lambda", "ziglang"]
    install = "--require-hashes --requirement local/requirements-cross.txt"
    for path in ("docs/deploy.md", ".github/workflows/deploy.yml", ".github/workflows/release.yml"):
        assert install in (REPOSITORY / path).read_text(encoding="utf-8"), path


def run_stage(tmp_path, **more):
    """What `deploy/stage.sh` calls, by tools that do nothing: a line for each call."""
    calls = tmp_path / "calls"
    for tool in ("sam", "cargo", "cargo-lambda", "aws"):
        (tmp_path / tool).write_text(f'#!/bin/sh\necho "{tool} $*" >> {calls}\n', encoding="utf-8")
        (tmp_path / tool).chmod(0o755)
    mine = {name: value for name, value in os.environ.items() if name not in ("DEPLOY_ONLY", "DOCTOR")}
    environment = {**mine, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", **more}
    command = ["deploy/stage.sh", "dev", "Architecture=x86_64"]
    subprocess.run(command, cwd=REPOSITORY, env=environment, check=True, capture_output=True, timeout=60)
    return calls.read_text(encoding="utf-8").splitlines()


def test_what_is_deployed_was_built_with_the_same_parameters(tmp_path):
    # arm64 binaries, deployed as x86_64, would start nowhere.
    lines = run_stage(tmp_path)
    build, deployment = (line for line in lines if line.startswith(("sam build ", "sam deploy ")))
    given = [call.split("--parameter-overrides ", 1)[1].split() for call in (build, deployment)]
    assert given[0] == given[1] and "Architecture=x86_64" in given[0] and "Observe=Off" in given[0]


def test_a_deployment_ends_with_the_doctor(tmp_path):
    last = run_stage(tmp_path)[-1]
    assert last.startswith("cargo run ") and last.endswith(" doctor --stack darkroom-dev")


@pytest.mark.parametrize("without", [{"DOCTOR": "no"}, {"DEPLOY_ONLY": "deploy"}, {"DEPLOY_ONLY": "build"}])
def test_the_doctor_is_left_out_on_request_and_where_nothing_is_compiled(without, tmp_path):
    assert not [line for line in run_stage(tmp_path, **without) if "doctor" in line]
