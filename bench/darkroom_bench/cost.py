"""Counts what one picture takes in the pipeline on the local cloud, and measures the processor time of its functions.

It counts what AWS bills: state transitions, requests by service, bytes of log and of record. It does not measure wall
time, because the emulator's differs from AWS's.
"""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darkroom_invoke.stack import Stack
from darkroom_local.layout import LocalCloudError
from darkroom_local.runtime_api import RuntimeApi

TIMEOUT_S = 300
REQUEST = re.compile(r"\[requests\] role (\S+) (\S+)")


@dataclass(frozen=True)
class Picture:
    """The counts of a picture, and the events of its functions."""

    facts: dict[str, Any]
    upload: Any
    completion: Any


def measure_picture(stack: Stack, log: Path, key: str, file: Path) -> Picture:
    """Uploads a picture, waits for the end of its execution, and counts."""
    logged = log.stat().st_size
    stack.client("s3").upload_file(str(file), stack.outputs["SourceBucketName"], key)
    record = _completed(stack, key)
    states = stack.client("stepfunctions")
    arn = record["execution"]["S"]
    history = _history(states, arn)
    entered = {
        event["stateEnteredEventDetails"]["name"]: json.loads(event["stateEnteredEventDetails"]["input"])
        for event in history
        if "stateEnteredEventDetails" in event
    }
    validated, mapped, completed = (
        entered[name] for name in ("Validate Upload", "Resize Renditions", "Notify Completion")
    )
    facts = {
        "byte_len": file.stat().st_size,
        "renditions": len(mapped["jobs"]),
        "rendition_bytes": sum(int(it["M"]["byte_len"]["N"]) for it in record["renditions"]["L"]),
        # The emulator's history lacks the states within a Map: one for each job.
        "transitions": sum("stateEnteredEventDetails" in event for event in history) + len(mapped["jobs"]),
        "requests": _requests(log, logged),
        "history_bytes": len(json.dumps(history, default=str)),
        "record_bytes": len(json.dumps(record)),
    }
    upload = {"detail": validated["detail"], "execution": arn, "received_at": validated["time"]}
    return Picture(facts, upload, {"outcome": "completed", **completed})


def _completed(stack: Stack, key: str) -> Any:
    table = stack.client("dynamodb")
    states = stack.client("stepfunctions")
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        found = table.get_item(TableName=stack.outputs["RecordTableName"], Key={"key": {"S": key}}).get("Item")
        if found and found["status"]["S"] != "processing":
            ended = states.describe_execution(executionArn=found["execution"]["S"])["status"]
            if ended == "SUCCEEDED":
                return found
        time.sleep(0.5)
    raise LocalCloudError(f"{key} was not completed within {TIMEOUT_S} s")


def _history(states: Any, arn: str) -> list[Any]:
    pages = states.get_paginator("get_execution_history").paginate(executionArn=arn)
    return [event for page in pages for event in page["events"]]


def _requests(log: Path, since: int) -> dict[str, int]:
    """The number of the functions' requests by service and call, from the cloud's log."""
    with log.open("rb") as file:
        file.seek(since)
        found = REQUEST.findall(file.read().decode(errors="replace"))
    return dict(sorted(Counter(f"{service} {call}" for service, call in found).items()))


class Functions:
    """Processes of the three functions, which stay warm within a `with`."""

    def __init__(self, stack: Stack, build: Path) -> None:
        self._stack = stack
        self._build = build
        self._exit = ExitStack()
        self._running: dict[str, tuple[RuntimeApi, subprocess.Popen[bytes]]] = {}

    def __enter__(self) -> Functions:
        """Starts no process."""
        return self

    def __exit__(self, *_: object) -> None:
        """Ends all processes."""
        self._exit.close()

    def times(self, picture: Picture) -> dict[str, Any]:
        """The processor time of each function in ms, measured at the second of two invocations."""
        verdict, validate = self._warm("validate", picture.upload)
        resize = {job["spec"]["name"]: self._warm("resize", job)[1] for job in verdict["jobs"]}
        _, notify = self._warm("notify", picture.completion)
        return {"cpu_ms": {"validate": validate, "resize": resize, "notify": notify}}

    def _warm(self, name: str, event: Any) -> tuple[Any, float]:
        api, process = self._running.get(name) or self._start(name)
        api.invoke(event)
        before = _cpu_ms(process.pid)
        answer = api.invoke(event)
        return answer, round(_cpu_ms(process.pid) - before, 1)

    def _start(self, name: str) -> tuple[RuntimeApi, subprocess.Popen[bytes]]:
        api = self._exit.enter_context(RuntimeApi())
        environment = {**api.environment(self._stack.memory_mb(name)), **self._stack.environment(name)}
        binary = self._build / f"{name.capitalize()}Function" / "bootstrap"
        process = subprocess.Popen([str(binary)], env=environment, stdout=subprocess.DEVNULL)
        self._exit.callback(lambda: (process.kill(), process.wait()))
        self._running[name] = (api, process)
        return api, process


def _cpu_ms(pid: int) -> float:
    return sum(_runtimes_ns(Path(f"/proc/{pid}/task").iterdir())) / 1e6


def _runtimes_ns(threads: Iterable[Path]) -> Iterable[int]:
    """The processor time of each thread. The clock's ticks are too coarse for a few ms."""
    return [int((thread / "schedstat").read_text().split()[0]) for thread in threads]
