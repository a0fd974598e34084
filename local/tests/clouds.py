"""A local cloud for the tests, and helpers that wait for its answers."""

from __future__ import annotations

import contextlib
import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darkroom_local.clients import client_at
from darkroom_local.layout import LOCAL, Instance

STACK_TEMPLATE = Path(__file__).parent / "stack" / "template.yaml"


@dataclass
class Cloud:
    """An instance, controlled by the user's command line."""

    instance: Instance

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs `cloud.py` with this instance's folder and port."""
        done = subprocess.run(self.command(*arguments), capture_output=True, text=True, check=False, timeout=1800)
        assert done.returncode == 0 or not check, done.stdout + done.stderr
        return done

    def command(self, *arguments: str) -> list[str]:
        """The command that `run` runs."""
        place = ["--dir", str(self.instance.folder), "--port", str(self.instance.port)]
        return [sys.executable, str(LOCAL / "cloud.py"), *place, *arguments]

    def client(self, service: str) -> Any:
        """A boto3 client for this instance."""
        return client_at(self.instance.access(), service)

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs that `deploy` wrote."""
        return json.loads(self.instance.outputs_file.read_text())


def free_port() -> int:
    """A free port below the range that the kernel gives to clients, so that no client takes it a moment later."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("a hundred ports are taken")


def wait_for(found: Callable[[], Any], within_s: float = 600.0) -> Any:
    """Calls `found` until its result is true, and returns it; fails after `within_s`."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if result := found():
            return result
        time.sleep(0.05)
    raise AssertionError(f"nothing within {within_s} s")


def receive(
    cloud: Cloud, queue_url: str, matches: Callable[[Any], bool] = lambda _: True, seen: list[Any] | None = None
) -> Any:
    """Receives messages until the parsed body of one matches, and returns it. Raw messages are added to `seen`."""
    sqs = cloud.client("sqs")

    def next_match() -> Any:
        answer = sqs.receive_message(QueueUrl=queue_url, MessageAttributeNames=["All"])
        for message in answer.get("Messages", []):
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
            if seen is not None:
                seen.append(message)
            if matches(body := json.loads(message["Body"])):
                return body
        return None

    return wait_for(next_match)
