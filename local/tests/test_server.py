"""Starting and stopping: one address, no process remains, and clear errors."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from clouds import STACK_TEMPLATE, Cloud, free_port, wait_for

from darkroom_local import processes, server
from darkroom_local.layout import Instance


def test_it_listens_on_the_loopback_address_only(deployed: Cloud) -> None:
    # After an invocation, so that the function's runtime API is also checked.
    invoke(deployed)
    sockets = subprocess.run(["ss", "-Hltnp"], capture_output=True, text=True, check=True).stdout
    pids = processes.of_instance(deployed.instance.folder)
    addresses = [line.split()[3] for line in sockets.splitlines() if any(f"pid={pid}," in line for pid in pids)]

    assert f"127.0.0.1:{deployed.instance.port}" in addresses
    assert [address for address in addresses if not address.startswith("127.0.0.1:")] == []


def test_it_starts_in_a_folder_that_does_not_exist(cloud: Cloud) -> None:
    within = Cloud(Instance(cloud.instance.folder / "a" / "b", cloud.instance.port))
    within.run("start")
    within.run("stop")


def test_a_second_start_changes_nothing(cloud: Cloud) -> None:
    cloud.run("start")
    before = processes.of_instance(cloud.instance.folder)

    assert cloud.run("start").stdout == ""
    assert processes.of_instance(cloud.instance.folder) == before


def test_a_lasting_cloud_keeps_its_state_across_a_restart(cloud: Cloud) -> None:
    cloud.run("start", "--lasting", "--wait-scale", "0.5")
    cloud.client("s3").create_bucket(Bucket="kept")
    cloud.client("s3").put_object(Bucket="kept", Key="a.txt", Body=b"still here")
    before = server_pid(cloud)

    cloud.run("restart")

    assert server_pid(cloud) != before
    assert cloud.client("s3").get_object(Bucket="kept", Key="a.txt")["Body"].read() == b"still here"
    assert b"SFN_WAIT_SCALE=0.5" in Path(f"/proc/{server_pid(cloud)}/environ").read_bytes()


def test_a_cloud_that_would_lose_its_state_is_not_restarted(cloud: Cloud) -> None:
    cloud.run("start")
    refused = cloud.run("restart", check=False)
    assert refused.returncode == 1
    assert "--lasting" in refused.stderr


def test_stop_leaves_no_process_and_no_state(cloud: Cloud) -> None:
    cloud.run("start")
    cloud.run("deploy", "--template", str(STACK_TEMPLATE))
    invoke(cloud)
    assert len(processes.of_instance(cloud.instance.folder)) == 2  # the server and the function

    assert cloud.run("stop").stdout == "the local cloud is stopped\n"

    assert processes.of_instance(cloud.instance.folder) == []
    assert not cloud.instance.state_file.exists()
    assert not cloud.instance.outputs_file.exists()
    assert not cloud.instance.temporary_folder.exists()
    assert cloud.run("stop").stdout == "the local cloud was not running\n"


def test_stop_ends_the_functions_of_a_killed_server(cloud: Cloud, tmp_path: Path) -> None:
    cloud.run("start")
    cloud.run("deploy", "--template", str(STACK_TEMPLATE))
    # The function is busy, so that it does not notice the end of its runtime API.
    busy = tmp_path / "busy"
    invoke(cloud, {"touch": str(busy), "sleep_s": 600}, wait=False)
    wait_for(busy.exists)
    server_process = server_pid(cloud)
    os.kill(server_process, signal.SIGKILL)
    wait_for(lambda: server_process not in processes.of_instance(cloud.instance.folder))
    assert processes.of_instance(cloud.instance.folder) != []

    cloud.run("stop")

    assert processes.of_instance(cloud.instance.folder) == []


def test_a_killed_server_can_be_started_again(cloud: Cloud) -> None:
    cloud.run("start")
    os.kill(server_pid(cloud), signal.SIGKILL)
    wait_for(lambda: not processes.of_instance(cloud.instance.folder))
    assert cloud.run("status", check=False).returncode == 3

    cloud.run("start")

    assert cloud.run("status").stdout.startswith(f"the local cloud answers at {cloud.instance.endpoint}")


def test_the_error_for_a_taken_port_names_its_process_and_a_solution(cloud: Cloud) -> None:
    program = f"import socket, sys; s = socket.create_server(('127.0.0.1', {cloud.instance.port})); sys.stdin.read()"
    holder = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)
    try:
        wait_for(lambda: processes.holder_of_port(cloud.instance.port))
        refused = cloud.run("start", check=False)
    finally:
        holder.communicate()

    assert refused.returncode == 1
    assert f"port {cloud.instance.port} is taken by" in refused.stderr
    assert f"(pid {holder.pid})" in refused.stderr
    assert "make down" in refused.stderr
    assert f"PORT={cloud.instance.port + 1}" in refused.stderr
    assert processes.of_instance(cloud.instance.folder) == []


def test_one_folder_can_run_only_one_cloud(cloud: Cloud) -> None:
    cloud.run("start")
    other_port = str(free_port())

    refused = cloud.run("--port", other_port, "start", check=False)

    assert refused.returncode == 1
    assert f"already runs on port {cloud.instance.port}" in refused.stderr


def test_two_clouds_can_run_at_the_same_time(cloud: Cloud, deployed: Cloud) -> None:
    cloud.run("start")
    cloud.run("stop")

    assert server.is_ready(deployed.instance)


def test_without_a_port_the_commands_find_the_running_cloud(cloud: Cloud) -> None:
    cloud.run("start")
    command = [sys.executable, "local/cloud.py", "--dir", str(cloud.instance.folder), "env"]
    env = {name: value for name, value in os.environ.items() if name != "PORT"}

    printed = subprocess.run(command, cwd=Path(__file__).parents[2], env=env, capture_output=True, text=True).stdout

    assert f"export AWS_ENDPOINT_URL={cloud.instance.endpoint}\n" in printed


def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    program = "from signal import *; signal(SIGTERM, SIG_IGN); print('ready', flush=True); pause()"
    stubborn = subprocess.Popen(
        [sys.executable, "-c", program], env={processes.FOLDER_VARIABLE: str(tmp_path)}, stdout=subprocess.PIPE
    )
    assert stubborn.stdout and stubborn.stdout.readline() == b"ready\n"

    assert processes.end(tmp_path, grace_s=0.2) == 1

    assert stubborn.wait(timeout=5) == -signal.SIGKILL


def test_a_free_port_has_no_holder() -> None:
    assert processes.holder_of_port(free_port()) is None


def invoke(cloud: Cloud, event: object = None, wait: bool = True) -> None:
    kind = "RequestResponse" if wait else "Event"
    payload = json.dumps(event or {}).encode()
    cloud.client("lambda").invoke(FunctionName=cloud.outputs["EchoFunctionName"], InvocationType=kind, Payload=payload)


def server_pid(cloud: Cloud) -> int:
    return json.loads(cloud.instance.state_file.read_text())["pid"]
