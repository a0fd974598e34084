"""Deploys the real template to the local cloud, with the same `sam build` and `sam deploy` as to AWS.

Three things differ. The architecture is this machine's, so that the emulator can run the binaries. Cargo builds them
without a cross compiler. And they are packed here, with less compression than SAM's. Fails if the cloud is down.
"""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
import zipfile
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
    """A stack's name, and its values for the template's parameters."""

    name: str = STACK
    parameters: Mapping[str, str] = field(default_factory=dict)


def build(instance: Instance, template: Path) -> None:
    """Builds the template's functions."""
    if not template.exists():
        raise LocalCloudError(f"{template} does not exist")
    _refuse_when_down(instance)
    if CARGO_BUILDS in template.read_text(encoding="utf-8"):
        # SAM would start one cargo per function, and they would wait for each other.
        cargo.compile_all()
    with phase("packaging the functions"):
        run(_build_command(instance, template), cwd=REPOSITORY, env=_sam_environment(instance))
        _strip(instance.build_folder)


def deploy(instance: Instance, stack: Stack) -> None:
    """Deploys the last build, and writes the stack's outputs beside the instance's state."""
    _refuse_when_down(instance)
    with phase(f"deploying the stack{'' if stack.name == STACK else ' ' + stack.name}"):
        template = pack(instance.build_folder)
        run(_deploy_command(template, stack), cwd=REPOSITORY, env=_sam_environment(instance))
        outputs = {**_outputs(instance, stack.name), "StackName": stack.name}
        write_private(instance.outputs_file_of(stack.name), json.dumps(outputs, indent=2, sort_keys=True) + "\n")


def _strip(folder: Path) -> None:
    """Strips the programs, as a release build does: that halves what is packed and uploaded."""
    programs = [str(path) for path in folder.glob("*/bootstrap") if path.read_bytes()[:4] == ELF]
    if programs:
        run(["strip", *programs], cwd=folder, env=os.environ)


def pack(folder: Path) -> Path:
    """Packs each program of `folder`, and returns the template that names the packages.

    SAM would compress 100 MB of programs at level 6, in 3.3 s on one core. Level 1 takes 1.0 s, and 12 % more bytes.
    """

    def packed(code: re.Match[str]) -> str:
        program = folder / code["name"] / "bootstrap"
        if not program.is_file() or program.read_bytes()[:4] != ELF:
            return code[0]
        package = folder / f"{code['name']}.zip"
        with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in sorted(program.parent.iterdir()):
                # Without the time of the build: equal contents must make an equal package, which is not uploaded again.
                entry = zipfile.ZipInfo(path.name)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = (path.stat().st_mode & 0o777 | 0o100000) << 16
                archive.writestr(entry, path.read_bytes(), compresslevel=1)
        return f"{code['before']}{package.name}"

    built = (folder / "template.yaml").read_text(encoding="utf-8")
    template = folder / "packed.yaml"
    template.write_text(re.sub(r"(?P<before>CodeUri: )(?P<name>\w+)$", packed, built, flags=re.M), encoding="utf-8")
    return template


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


def _deploy_command(template: Path, stack: Stack) -> list[str]:
    parameters = {"Architecture": architecture(), **stack.parameters}
    return [
        tool(SAM_ENVIRONMENT, "sam"), "deploy",
        "--template-file", str(template),
        "--stack-name", stack.name,
        "--resolve-s3",
        "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND",
        "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar",
        "--parameter-overrides", *(f"{name}={value}" for name, value in parameters.items()),
        "--config-env", "local",
    ]  # fmt: skip


def _sam_environment(instance: Instance) -> dict[str, str]:
    # The user's own AWS profile or session must not reach this deployment.
    env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_CLI_"))}
    return {
        **env,
        **instance.client_environment(),
        **BYTECODE,
        "PATH": f"{SAM_ENVIRONMENT / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}",
        "CARGO_LAMBDA_COMPILER": "cargo",
        # The profile `dev` compiles in a fraction of the time of a release build.
        "SAM_BUILD_MODE": "debug",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": SECONDS_BETWEEN_POLLS,
    }


def architecture() -> str:
    """This machine's architecture, by Lambda's name for it."""
    machine = platform.machine().lower()
    try:
        return ARCHITECTURES[machine]
    except KeyError:
        raise LocalCloudError(f"Lambda does not support {machine}: only x86_64 and arm64") from None


def _outputs(instance: Instance, stack_name: str) -> dict[str, str]:
    # CloudFormation needs signed requests, and boto3, which signs them, is in the cloud's environment.
    command = [tool(CLOUD_ENVIRONMENT, "python"), "-m", "darkroom_local.stack_outputs", stack_name]
    environment = {**os.environ, **instance.client_environment()}
    done = subprocess.run(command, cwd=LOCAL, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise LocalCloudError(f"the outputs of {stack_name} cannot be read:\n{done.stderr}")
    return {**json.loads(done.stdout), **instance.access()}
