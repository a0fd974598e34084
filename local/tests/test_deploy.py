"""Deploying: the outputs, and complete error messages."""

from __future__ import annotations

import json
import os
import platform
import signal
import subprocess
import zipfile
from pathlib import Path

from clouds import STACK_TEMPLATE, Cloud

from darkroom_local import deploy, environments


def test_the_outputs_contain_those_of_the_stack_and_the_endpoint(deployed: Cloud) -> None:
    outputs = deployed.outputs

    assert outputs["Endpoint"] == deployed.instance.endpoint
    assert outputs["Region"] == "us-east-1"
    assert outputs["TableName"] in deployed.client("dynamodb").list_tables()["TableNames"]


def test_the_functions_are_built_for_this_machine(deployed: Cloud) -> None:
    assert deployed.outputs["Architecture"] == {"aarch64": "arm64"}.get(platform.machine(), platform.machine())


def test_success_prints_one_line_per_phase(deployed: Cloud) -> None:
    printed = deployed.run("deploy", "--template", str(STACK_TEMPLATE)).stdout.splitlines()

    assert [line.partition(" … ")[0] for line in printed] == ["packaging the functions", "deploying the stack"]
    assert all(line.endswith(" s") for line in printed)


def test_a_failure_prints_the_output_of_sam(deployed: Cloud, tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text("Resources: {Thing: {Type: AWS::No::Such, Properties: {A: !GetAtt Nothing.Arn}}}\n")

    failed = deployed.run("deploy", "--template", str(template), check=False)

    assert failed.returncode == 1
    assert failed.stdout.endswith(" … failed\n")
    assert "Nothing" in failed.stderr or "AWS::No::Such" in failed.stderr
    assert "sam" in failed.stderr.splitlines()[-1]


def test_an_interrupted_deployment_can_be_run_again(deployed: Cloud) -> None:
    deploy = ("deploy", "--template", str(STACK_TEMPLATE))
    with subprocess.Popen(
        deployed.command(*deploy), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        # Background jobs of a script ignore SIGINT, and these tests can run in one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as begun:  # fmt: skip
        assert begun.stdout and begun.stderr
        # A terminal sends it to the whole process group.
        assert begun.stdout.read(9) == "packaging"
        os.killpg(begun.pid, signal.SIGINT)
        said = begun.stderr.read()

    assert begun.returncode == 130
    assert said == "interrupted: run the same command again to continue\n"
    assert deployed.run(*deploy).returncode == 0


def test_deploying_to_a_cloud_that_is_down_fails(cloud: Cloud) -> None:
    refused = cloud.run("deploy", "--template", str(STACK_TEMPLATE), check=False)

    assert refused.returncode == 1
    assert "start it first" in refused.stderr


def test_a_missing_template_is_named(cloud: Cloud, tmp_path: Path) -> None:
    refused = cloud.run("deploy", "--template", str(tmp_path / "none.yaml"), check=False)

    assert refused.returncode == 1
    assert f"{tmp_path / 'none.yaml'} does not exist" in refused.stderr


def test_a_second_setup_prints_nothing(cloud: Cloud) -> None:
    assert cloud.run("setup").stdout == ""


def test_a_changed_requirement_outdates_the_environment(tmp_path: Path) -> None:
    requirements = tmp_path / "requirements.txt"
    requirements.write_text("a==1\n")
    before = environments._digest([requirements])
    requirements.write_text("a==2\n")

    assert environments._digest([requirements]) != before


def test_a_second_stack_has_its_own_outputs_and_needs_no_build(deployed: Cloud) -> None:
    deployed.run("deploy", "--template", str(STACK_TEMPLATE))

    printed = deployed.run("deploy", "--built", "--stack", "second", "--set", "Architecture=x86_64").stdout

    outputs = json.loads((deployed.instance.folder / "second.outputs.json").read_text())
    assert printed.startswith("deploying the stack second …")
    assert outputs["Architecture"] == "x86_64"
    assert outputs["TableName"] != deployed.outputs["TableName"]


def test_a_parameter_without_a_value_is_refused(cloud: Cloud) -> None:
    refused = cloud.run("deploy", "--set", "Architecture", check=False)

    assert refused.returncode == 1
    assert "'Architecture' is not NAME=VALUE" in refused.stderr


def test_equal_programs_make_equal_packages_and_scripts_are_left_to_sam(tmp_path: Path) -> None:
    for name, content in (("Program", deploy.ELF + b"code"), ("Script", b"#!/bin/sh\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "bootstrap").write_bytes(content)
        (tmp_path / name / "bootstrap").chmod(0o755)
    (tmp_path / "template.yaml").write_text("    CodeUri: Program\n    CodeUri: Script\n")

    packed = deploy.pack(tmp_path)

    assert packed.read_text() == "    CodeUri: Program.zip\n    CodeUri: Script\n"
    package = tmp_path / "Program.zip"
    [entry] = zipfile.ZipFile(package).infolist()
    assert (entry.filename, entry.external_attr >> 16) == ("bootstrap", 0o100755)
    before = package.read_bytes()
    os.utime(tmp_path / "Program" / "bootstrap", (0, 0))
    deploy.pack(tmp_path)
    assert package.read_bytes() == before
