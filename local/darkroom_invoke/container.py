"""The function in a container, as `sam local invoke` runs it: with Lambda's own runtime emulator, and its memory.

The image is AWS's, which SAM pulls. Where no registry is reached, DARKROOM_INVOKE_IMAGE names another, such as the one
that `local/stand_in_image.sh` makes. The local cloud listens on 127.0.0.1 alone, where no container reaches it: for the
while, a relay listens on the engine's own bridge. The container knows it by a loopback name, because the local cloud
answers to no other.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from darkroom_local.environments import tool
from darkroom_local.layout import SAM_ENVIRONMENT, LocalCloudError, environment_of

from .relay import relayed
from .stack import Stack

IMAGE_VARIABLE = "DARKROOM_INVOKE_IMAGE"
NAME_IN_CONTAINER = "cloud.localhost"


def invoke(stack: Stack, name: str, event: Any, build_folder: Path) -> tuple[Any, str]:
    """Its answer, and what SAM and it logged."""
    port = urlsplit(stack.outputs["Endpoint"]).port or 80
    gateway = _gateway()
    with relayed(gateway, port) as relay, tempfile.TemporaryDirectory() as folder:
        template, payload = Path(folder) / "template.json", Path(folder) / "event.json"
        endpoint = f"http://{NAME_IN_CONTAINER}:{urlsplit(relay).port}"
        template.write_text(json.dumps(_template(stack, name, build_folder, endpoint)))
        payload.write_text(json.dumps(event))
        image = os.environ.get(IMAGE_VARIABLE)
        command = [
            tool(SAM_ENVIRONMENT, "sam"), "local", "invoke", "Function",
            "--template", str(template), "--event", str(payload), "--region", stack.outputs["Region"],
            "--add-host", f"{NAME_IN_CONTAINER}:{gateway}",
            *(["--skip-pull-image", "--invoke-image", image] if image else []),
        ]  # fmt: skip
        root = {name: value for name, value in environment_of(stack.outputs).items() if name != "AWS_ENDPOINT_URL"}
        environment = {**os.environ, **root, "SAM_CLI_TELEMETRY": "0"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    # Whatever the function prints goes to the standard error; its answer is the last line of the other.
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        raise LocalCloudError(f"{done.stderr}\n`sam local invoke` answered nothing")
    answer = json.loads(lines[-1])
    if isinstance(answer, dict) and "errorType" in answer:
        raise LocalCloudError(f"{done.stderr}\nthe function failed: {json.dumps(answer, indent=2)}")
    return answer, done.stderr


def _template(stack: Stack, name: str, build_folder: Path, endpoint: str) -> Any:
    """What is deployed of the function, in a template of its own: SAM passes on no variable that isn't in one."""
    deployed = stack.client("lambda").get_function_configuration(FunctionName=stack.function(name))
    function = {
        "CodeUri": str((build_folder / f"{name.capitalize()}Function").resolve()),
        "Handler": deployed["Handler"],
        "Runtime": deployed["Runtime"],
        "Architectures": deployed["Architectures"],
        "MemorySize": deployed["MemorySize"],
        "Timeout": deployed["Timeout"],
        "Environment": {"Variables": {**deployed["Environment"]["Variables"], "AWS_ENDPOINT_URL": endpoint}},
    }
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"Function": {"Type": "AWS::Serverless::Function", "Properties": function}},
    }


def _gateway() -> str:
    """The address of this machine, as containers see it."""
    command = ["docker", "network", "inspect", "bridge"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise LocalCloudError(f"no Docker engine answers: {getattr(error, 'stderr', '') or error}") from error
    network = json.loads(found)[0]["IPAM"]["Config"][0]
    # An engine that chose the network itself may not say; it takes the first address.
    return network.get("Gateway") or str(next(ip_network(network["Subnet"]).hosts()))
