"""Deploys the real template to the local cloud, with the same `sam build` and `sam deploy` as to AWS.

What differs is said on the command line: the architecture is this machine's, so that the emulator can run
the binaries, and cargo builds them without a cross compiler. Refuses to deploy to a cloud that is down.
"""

from __future__ import annotations

import json
import os
import platform
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from . import cargo, server
from .environments import tool
from .layout import REGION, REPOSITORY, SAM_ENVIRONMENT, STACK, Instance, LocalCloudError
from .phases import phase, run

ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
CLOUDFORMATION = "{http://cloudformation.amazonaws.com/doc/2010-05-15/}"
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
        outputs = {**_outputs(instance, stack.name), "Endpoint": instance.endpoint, "Region": REGION}
        outputs.update(_api(instance, outputs))
        instance.outputs_file_of(stack.name).write_text(json.dumps(outputs, indent=2, sort_keys=True) + "\n")


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
    query = urllib.parse.urlencode({"Action": "DescribeStacks", "StackName": stack_name, "Version": "2010-05-15"})
    stack = ElementTree.fromstring(_call(instance, "cloudformation", "/", query.encode()))
    return {
        member.findtext(f"{CLOUDFORMATION}OutputKey", ""): member.findtext(f"{CLOUDFORMATION}OutputValue", "")
        for member in stack.iterfind(f".//{CLOUDFORMATION}Outputs/{CLOUDFORMATION}member")
    }


def _api(instance: Instance, outputs: dict[str, str]) -> dict[str, str]:
    """Where the stack's API is on this machine, and a key to it: no stack tells a key in its outputs."""
    if "ApiUrl" not in outputs:
        return {}
    url = f"{instance.endpoint}/restapis/{outputs['ApiId']}/{outputs['ApiStage']}/_user_request_"
    if "ApiKeyId" not in outputs:
        return {"ApiUrl": url}
    answer = _call(instance, "apigateway", f"/apikeys/{outputs['ApiKeyId']}?includeValue=true")
    return {"ApiUrl": url, "ApiKey": json.loads(answer)["value"]}


def _call(instance: Instance, service: str, path: str, body: bytes | None = None) -> bytes:
    request = urllib.request.Request(
        instance.endpoint + path,
        data=body,
        # The emulator checks no signatures of its root user, but finds the service's name in them.
        headers={"Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{service}/aws4_request"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        return response.read()
