"""Starts and stops the emulator of one instance.

The emulator runs programs, and every web page in a browser on this machine can send it requests. So it listens on
127.0.0.1 only, and its root user has a new key after each start. Fails if the port is taken, if the folder's cloud
already runs on another port, and on systems other than Linux, because the emulator runs the deployed Linux binaries.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from . import processes
from .environments import tool
from .layout import BYTECODE, CLOUD_ENVIRONMENT, LOCAL, REGION, Instance, LocalCloudError, write_private
from .phases import phase

READY_WITHIN_S = 30.0
APPLICATION = "darkroom_local.extension.app:app"


@dataclass(frozen=True)
class StartOptions:
    """Options of a start that tests and experiments use."""

    calls_through: str | None = None
    """An endpoint that the functions call instead of the server, such as a proxy."""
    wait_scale: float = 1.0
    """The factor for the waits before retries; 1 is as long as on AWS."""
    lasting: bool = False
    """Whether the server's state survives a restart."""

    def environment(self) -> dict[str, str]:
        """The server's environment variables for these options."""
        through = {"AWS_ENDPOINT_URL": self.calls_through} if self.calls_through else {}
        waits = {"SFN_WAIT_SCALE": str(self.wait_scale), "LAMBDA_ASYNC_RETRY_BASE_SECONDS": str(self.wait_scale)}
        kept = {"PERSIST_STATE": "1", "S3_PERSIST": "1"} if self.lasting else {}
        return {**through, **waits, **kept}


DEFAULTS = StartOptions()


def start(instance: Instance, options: StartOptions = DEFAULTS) -> None:
    """Starts the server and waits until it answers; does nothing if it already runs."""
    if sys.platform != "linux":
        raise LocalCloudError("the local cloud runs the functions as Linux processes: use Linux, WSL 2 or a container")
    running = running_port(instance.folder)
    if running == instance.port and is_ready(instance):
        return
    if running is not None and running != instance.port:
        raise LocalCloudError(
            f"the local cloud in {instance.folder} already runs on port {running}: "
            f"stop it first (`make down`), or start this one in a folder of its own (`--dir`)"
        )
    stop(instance)
    _refuse_taken_port(instance.port)
    instance.log_file.unlink(missing_ok=True)
    with phase(f"starting the local cloud on {instance.endpoint}"):
        _spawn(instance, options, _new_root())


def restart(instance: Instance) -> None:
    """Kills the server and all functions, and starts the server again with the same options."""
    state = _state(instance.folder)
    if state is None or not state["options"]["lasting"]:
        raise LocalCloudError("only a cloud that was started with --lasting keeps its state across a restart")
    with phase(f"restarting the local cloud on {instance.endpoint}"):
        processes.end(instance.folder)
        _spawn(instance, StartOptions(**state["options"]), state["root"])


def stop(instance: Instance) -> int:
    """Ends the server and all functions, and removes their state. Returns the number of processes."""
    ended = processes.end(instance.folder)
    for file in (instance.state_file, instance.outputs_file, *instance.folder.glob("*.outputs.json")):
        file.unlink(missing_ok=True)
    shutil.rmtree(instance.temporary_folder, ignore_errors=True)
    return ended


def refuse_taken_port(instance: Instance) -> None:
    """Fails if another program listens on the instance's port."""
    if running_port(instance.folder) != instance.port:
        _refuse_taken_port(instance.port)


def running_port(folder: Path) -> int | None:
    """The port of this folder's server; None if it is down."""
    state = _state(folder)
    # The state file of an old version has no root key. Such a server counts as down, and the next start ends it.
    is_ours = state is not None and "root" in state and state["pid"] in processes.of_instance(folder)
    return state["port"] if state and is_ours else None


def is_ready(instance: Instance) -> bool:
    """Whether the server answers requests."""
    try:
        with urllib.request.urlopen(f"{instance.endpoint}/_ministack/health", timeout=2) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


def _state(folder: Path) -> dict[str, Any] | None:
    try:
        return json.loads(Instance(folder, 0).state_file.read_text())
    except (OSError, ValueError):
        return None


def _new_root() -> dict[str, str]:
    return {"AccessKeyId": f"ROOT{secrets.token_hex(8).upper()}", "SecretAccessKey": secrets.token_urlsafe(30)}


def _spawn(instance: Instance, options: StartOptions, root: dict[str, str]) -> None:
    instance.temporary_folder.mkdir(parents=True, exist_ok=True)
    # The server's environment is read from this file, so it is written before the process id is known.
    state = {"pid": 0, "port": instance.port, "options": asdict(options), "root": root}
    write_private(instance.state_file, json.dumps(state) + "\n")
    command = [
        tool(CLOUD_ENVIRONMENT, "python"), "-m", "hypercorn", APPLICATION,
        "--bind", f"127.0.0.1:{instance.port}",
        "--keep-alive", "75",
        "--workers", "0",  # serves in this process, and not in a child that could outlive it
    ]  # fmt: skip
    with instance.log_file.open("ab") as log:
        server = subprocess.Popen(
            command,
            cwd=LOCAL,
            env={**_server_environment(instance), **options.environment()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    write_private(instance.state_file, json.dumps({**state, "pid": server.pid}) + "\n")
    _wait_until_ready(instance)


def _server_environment(instance: Instance) -> dict[str, str]:
    # Functions inherit these variables, so the user's own are left out, as on AWS.
    temporary = str(instance.temporary_folder)
    return {
        **instance.client_environment(),
        processes.FOLDER_VARIABLE: str(instance.folder),
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": temporary,
        "TMPDIR": temporary,
        "S3_DATA_DIR": f"{temporary}/s3",
        "STATE_DIR": f"{temporary}/state",
        "MINISTACK_REGION": REGION,
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(instance.port),
        "BIND_HOST": "127.0.0.1",
        # Functions get the credentials of their role, and IAM is enforced.
        "AUTH": "true",
        # These would listen on every network interface.
        "IOT_MTLS_ENABLED": "0",
        "MQTT_LISTENER": "0",
        "SFTP_ENABLED": "0",
        # No container engine: functions are processes, and MiniStack removes no containers of the user.
        "DOCKER_HOST": f"unix://{temporary}/no-docker.sock",
        "LAMBDA_EXECUTOR": "local",
        **BYTECODE,
    }


def _wait_until_ready(instance: Instance) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        if is_ready(instance):
            return
        if not processes.of_instance(instance.folder):
            break
        time.sleep(0.05)
    stop(instance)
    log = instance.log_file.read_text(errors="replace").rstrip()
    raise LocalCloudError(f"{log}\n\nthe local cloud did not become ready; above is its log, {instance.log_file}")


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        # As the server does. Otherwise a connection in TIME_WAIT would count as a server.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            holder = processes.holder_of_port(port) or "another process"
            raise LocalCloudError(
                f"port {port} is taken by {holder}: stop that (`make down`, if it is a local cloud), "
                f"or choose another port (`make up PORT={port + 1}`)"
            ) from error
