"""Measures the resize function as Lambda runs it: the release binary, between the runtime API and S3, with little
memory.

The runtime API is a stand-in, and S3 is the local cloud's. There is no state machine, so that the process whose memory
is measured is known.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from darkroom_local import environments, server
from darkroom_local.layout import CLOUD_ENVIRONMENT, Instance, LocalCloudError
from darkroom_local.phases import phase
from darkroom_local.runtime_api import RuntimeApi

from . import layout

MEMORY_MB = 256
"""The limit of the function's writable memory: that of a Lambda function with this `MemorySize`."""
SOURCE = "j200.jpg"
SPEC = {"name": "bench", "width": 2048, "height": 2048, "format": "jpeg"}
PORT = 4690
STARTS = 20


@dataclass
class Function:
    """The measurements of the function."""

    binary_mb: float | None = None
    start_ms: list[float] = field(default_factory=list)
    """The time from its start to its first poll of the runtime API, for each start."""
    peak_mb: float | None = None
    """The peak memory of the process that rendered a picture of 100 MB."""
    source_mb: float | None = None


def measure(binary: Path, photos: Path) -> Function:
    """Starts the function repeatedly; then renders a picture of 100 MB, if there is one."""
    function = Function(binary_mb=binary.stat().st_size / 1e6)
    with phase("starting the resize function"):
        function.start_ms = [_start_ms(binary) for _ in range(STARTS)]
    source = photos / SOURCE
    if source.exists():
        with _s3() as cloud, phase(f"the resize function with {SOURCE} and {MEMORY_MB} MB"):
            function.peak_mb = _peak_mb(binary, cloud, source)
        function.source_mb = source.stat().st_size / 1e6
    return function


def _start_ms(binary: Path) -> float:
    nowhere = {"AWS_REGION": "us-east-1"}
    with RuntimeApi() as api:
        began = time.perf_counter()
        with _running([str(binary)], {**api.environment(MEMORY_MB), **nowhere}):
            return (api.polled() - began) * 1000


def _peak_mb(binary: Path, cloud: Instance, source: Path) -> float:
    job = _job(cloud, source)
    # RLIMIT_DATA counts all writable memory, resident or not. That is stricter than Lambda, which counts resident
    # memory.
    limited = ["prlimit", f"--data={MEMORY_MB << 20}", str(binary)]
    with RuntimeApi() as api, _running(limited, {**api.environment(MEMORY_MB), **cloud.client_environment()}) as pid:
        answer = api.invoke(job)
        status = Path(f"/proc/{pid}/status").read_text()
    if not isinstance(answer, dict) or answer.get("outcome") != "rendered":
        raise LocalCloudError(f"the function did not render {source}: {json.dumps(answer)}")
    peak = re.search(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    if peak is None:
        raise LocalCloudError(f"this kernel does not report peak memory:\n{status}")
    return int(peak[1]) * 1024 / 1e6


def _job(cloud: Instance, source: Path) -> object:
    script = layout.BENCH / "put_source.py"
    command = [environments.tool(CLOUD_ENVIRONMENT, "python"), str(script), str(source)]
    environment = {**os.environ, **cloud.client_environment()}
    put = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if put.returncode != 0:
        raise LocalCloudError(put.stderr.rstrip())
    return {**json.loads(put.stdout), "spec": SPEC, "execution": "bench"}


@contextmanager
def _s3() -> Iterator[Instance]:
    environments.set_up()
    cloud = Instance(layout.FOLDER / "cloud", PORT)
    cloud.folder.mkdir(parents=True, exist_ok=True)
    server.start(cloud)
    try:
        yield cloud
    finally:
        server.stop(cloud)


@contextmanager
def _running(command: Sequence[str], environment: Mapping[str, str]) -> Iterator[int]:
    process = subprocess.Popen(command, env=dict(environment), stdout=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()
