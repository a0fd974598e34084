"""Deploys the real template to the local cloud, with the same `sam build` and `sam deploy` as to AWS.

What differs is said on the command line: the architecture is this machine's, so that the emulator can run
the binaries, and cargo builds them without a cross compiler. Refuses to deploy to a cloud that is down.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from . import cargo, server
from .environments import tool
from .layout import (
    BYTECODE,
    CLOUD_ENVIRONMENT,
    LOCAL,
    REPOSITORY,
    SAM_ENVIRONMENT,
    STACK,
    Instance,
    LocalCloudError,
    write_private,
)
from .phases import phase, run

ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
CARGO_BUILDS = "BuildMethod: rust-cargolambda"
ELF = b"\x7fELF"
SECONDS_BETWEEN_POLLS = "0.1"


@dataclass(frozen=True)
class Stack:
    """A stack's name, and what it sets of the template's parameters."""

    name: str = STACK
    parameters: Mapping[str, str] = field(default_factory=dict)


def build(instance: Instance, template: Path) -> None:
    """Builds the template's functions."""
    if not template.exists():
        raise LocalCloudError(f"{template} does not exist")
    _refuse_when_down(instance)
    if CARGO_BUILDS in template.read_text(encoding="utf-8"):
        # SAM would start a cargo for each function, and they would wait for one another.
        cargo.compile_all()
    with phase("packaging the functions"):
        run(_build_command(instance, template), cwd=REPOSITORY, env=_sam_environment(instance))
        _strip(instance.build_folder)


def deploy(instance: Instance, stack: Stack) -> None:
    """Deploys what was built, and writes the stack's outputs beside the instance's state."""
    _refuse_when_down(instance)
    with phase(f"deploying the stack{'' if stack.name == STACK else ' ' + stack.name}"):
        run(_deploy_command(instance, stack), cwd=REPOSITORY, env=_sam_environment(instance))
        outputs = {**_outputs(instance, stack.name), "StackName": stack.name}
        write_private(instance.outputs_file_of(stack.name), json.dumps(outputs, indent=2, sort_keys=True) + "\n")


def _strip(folder: Path) -> None:
    """Takes the symbols out of the programs, as a release build does: half as much is packed and uploaded."""
    programs = [str(path) for path in folder.glob("*/bootstrap") if path.read_bytes()[:4] == ELF]
    if programs:
        run(["strip", *programs], cwd=folder, env=os.environ)


def _refuse_when_down(instance: Instance) -> None:
    if not server.is_ready(instance):
        raise LocalCloudError(f"no local cloud answers at {instance.endpoint}: start it first (`make up`)")


def _build_command(instance: Instance, template: Path) -> list[str]:
    return [
        tool(SAM_ENVIRONMENT, "sam"), "build",
        "--template-file", str(template),
        "--build-dir", str(instance.build_folder),
        "--parallel",
        "--parameter-overrides", f"Architecture={architecture()}",
        "--config-env", "local",
    ]  # fmt: skip


def _deploy_command(instance: Instance, stack: Stack) -> list[str]:
    parameters = {"Architecture": architecture(), **stack.parameters}
    return [
        tool(SAM_ENVIRONMENT, "sam"), "deploy",
        "--template-file", str(instance.build_folder / "template.yaml"),
        "--stack-name", stack.name,
        "--resolve-s3",
        "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND",
        "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar",
        "--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items()),
        "--config-env", "local",
    ]  # fmt: skip


def _sam_environment(instance: Instance) -> dict[str, str]:
    # A profile or a session of the user's must never get near this deployment.
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_CLI_"))}
    return {
        **env,
        **instance.client_environment(),
        **BYTECODE,
        "PATH": f"{SAM_ENVIRONMENT / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}",
        "CARGO_LAMBDA_COMPILER": "cargo",
        # What is deployed here is built by the profile `dev`, which compiles in a fraction of the time.
        "SAM_BUILD_MODE": "debug",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": SECONDS_BETWEEN_POLLS,
    }


def architecture() -> str:
    """This machine's, by Lambda's name."""
    machine = platform.machine().lower()
    try:
        return ARCHITECTURES[machine]
    except KeyError:
        raise LocalCloudError(f"Lambda has no architecture for {machine}: x86_64 and arm64 are known") from None


def _outputs(instance: Instance, stack_name: str) -> dict[str, str]:
    # CloudFormation answers signed requests only, and what signs them is in the cloud's own environment.
    command = [tool(CLOUD_ENVIRONMENT, "python"), "-m", "darkroom_local.described", stack_name]
    environment = {**os.environ, **instance.client_environment()}
    done = subprocess.run(command, cwd=LOCAL, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LocalCloudError(f"the outputs of {stack_name} cannot be read:\n{done.stderr}")
    return {**json.loads(done.stdout), **instance.access()}
