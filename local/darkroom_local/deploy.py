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
from pathlib import Path
from xml.etree import ElementTree

from . import server
from .environments import tool
from .layout import REGION, REPOSITORY, SAM_ENVIRONMENT, STACK, Instance, LocalCloudError
from .phases import phase, run

ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}
CLOUDFORMATION = "{http://cloudformation.amazonaws.com/doc/2010-05-15/}"
SECONDS_BETWEEN_POLLS = "0.1"


def deploy(instance: Instance, template: Path) -> None:
    """Builds and deploys the template, and writes the stack's outputs to `outputs.json`."""
    if not template.exists():
        raise LocalCloudError(f"{template} does not exist")
    if not server.is_ready(instance):
        raise LocalCloudError(f"no local cloud answers at {instance.endpoint}: start it first (`make up`)")
    env = _sam_environment(instance)
    hint = "" if instance.build_folder.exists() else " (some minutes, the first time)"
    with phase(f"building the functions{hint}"):
        run(_build_command(instance, template), cwd=REPOSITORY, env=env)
    with phase("deploying the stack"):
        run(_deploy_command(instance), cwd=REPOSITORY, env=env)
        instance.outputs_file.write_text(json.dumps(_outputs(instance), indent=2, sort_keys=True) + "\n")


def _build_command(instance: Instance, template: Path) -> list[str]:
    return [
        tool(SAM_ENVIRONMENT, "sam"), "build",
        "--template-file", str(template),
        "--build-dir", str(instance.build_folder),
        "--parallel",
        "--parameter-overrides", f"Architecture={_architecture()}",
        "--config-env", "local",
    ]  # fmt: skip


def _deploy_command(instance: Instance) -> list[str]:
    return [
        tool(SAM_ENVIRONMENT, "sam"), "deploy",
        "--template-file", str(instance.build_folder / "template.yaml"),
        "--stack-name", STACK,
        "--resolve-s3",
        "--capabilities", "CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND",
        "--no-confirm-changeset", "--no-fail-on-empty-changeset", "--no-progressbar",
        "--parameter-overrides", f"Architecture={_architecture()}",
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
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": SECONDS_BETWEEN_POLLS,
    }


def _architecture() -> str:
    machine = platform.machine().lower()
    try:
        return ARCHITECTURES[machine]
    except KeyError:
        raise LocalCloudError(f"Lambda has no architecture for {machine}: x86_64 and arm64 are known") from None


def _outputs(instance: Instance) -> dict[str, str]:
    query = urllib.parse.urlencode({"Action": "DescribeStacks", "StackName": STACK, "Version": "2010-05-15"})
    request = urllib.request.Request(
        instance.endpoint + "/",
        data=query.encode(),
        # The emulator checks no signatures, but finds the service's name in them.
        headers={"Authorization": f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/cloudformation/aws4_request"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        stack = ElementTree.fromstring(response.read())
    outputs = {
        member.findtext(f"{CLOUDFORMATION}OutputKey", ""): member.findtext(f"{CLOUDFORMATION}OutputValue", "")
        for member in stack.iterfind(f".//{CLOUDFORMATION}Outputs/{CLOUDFORMATION}member")
    }
    return {**outputs, "Endpoint": instance.endpoint, "Region": REGION}
