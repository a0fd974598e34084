"""Runs a function in a container by `sam local invoke`, with Lambda's runtime emulator and the function's memory.

SAM pulls AWS's image. Without a registry, DARKROOM_INVOKE_IMAGE names another image, such as the one that
`local/stand_in_image.sh` makes. The local cloud listens on 127.0.0.1 only, which a container cannot reach, so a relay
listens on the engine's bridge during the call. The container uses a loopback name for the relay, because the local
cloud refuses other host names.
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

from .relay import relay_to
from .stack import Stack

IMAGE_VARIABLE = "DARKROOM_INVOKE_IMAGE"
NAME_IN_CONTAINER = "cloud.localhost"


def invoke(stack: Stack, name: str, event: Any, build_folder: Path) -> tuple[Any, str]:
    """The function's answer, and the log of SAM and of the function."""
    port = urlsplit(stack.outputs["Endpoint"]).port or 80
    gateway = _gateway()
    with relay_to(gateway, port) as relay, tempfile.TemporaryDirectory() as folder:
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
    # The function's log goes to the standard error. Its answer is the last line of the standard output.
    lines = done.stdout.strip().splitlines()
    if done.returncode != 0 or not lines:
        raise LocalCloudError(f"{done.stderr}\n`sam local invoke` printed no answer")
    answer = json.loads(lines[-1])
    if isinstance(answer, dict) and "errorType" in answer:
        raise LocalCloudError(f"{done.stderr}\nthe function failed: {json.dumps(answer, indent=2)}")
    return answer, done.stderr


def _template(stack: Stack, name: str, build_folder: Path, endpoint: str) -> Any:
    """A template with the deployed function alone: SAM passes only variables that are in its template."""
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
    """The address at which containers reach this machine."""
    command = ["docker", "network", "inspect", "bridge"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise LocalCloudError(f"no Docker engine answers: {getattr(error, 'stderr', '') or error}") from error
    network = json.loads(found)[0]["IPAM"]["Config"][0]
    # An engine that chose the network itself may name no gateway; it then uses the first address.
    return network.get("Gateway") or str(next(ip_network(network["Subnet"]).hosts()))
