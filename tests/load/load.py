#!/usr/bin/env python3
"""Uploads pictures from many clients to a local cloud of its own, and measures throughput and latency.

Each client uploads a picture, waits for its outcome, and continues. So no more pictures are in progress than there are
clients.

Fails unless every upload has one outcome and its renditions, every execution succeeded, and no function's memory grows.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(REPOSITORY / "local"))

from event_listener import EventListener
from checks import violations
from stack import Stack
from darkroom_local import deploy, server
from darkroom_local.layout import Instance, LocalCloudError
from darkroom_local.phases import phase
from darkroom_local.progress import Bar
from darkroom_local.tables import table
from memory import Memory
from plan import Upload, pictures, planned

FOLDER = REPOSITORY / ".local" / "load"
PORT = 4660
TIMEOUT_S = 120.0
"""How long a client waits for the outcome of its upload."""
PAUSE_S = 3.0


def main() -> int:
    """Runs the load. The exit code is 1 if a check failed."""
    options = _parser().parse_args()
    instance = Instance(FOLDER, options.port)
    try:
        FOLDER.mkdir(parents=True, exist_ok=True)
        server.start(instance)
        try:
            if not options.built:
                deploy.build(instance, REPOSITORY / "template.yaml")
            deploy.deploy(instance, deploy.Stack())
            return _load(instance, options)
        finally:
            server.stop(instance)
    except LocalCloudError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1


def _load(instance: Instance, options: argparse.Namespace) -> int:
    with phase("making pictures"):
        uploads = planned(options.uploads, pictures(FOLDER / "pictures"))
    stack = Stack.of(instance)
    began = time.time()
    with Memory(instance.folder) as memory, EventListener(stack) as listener, Bar(len(uploads)) as bar:
        listener.on_outcome = bar.advance
        with ThreadPoolExecutor(options.clients) as clients:
            for done in [clients.submit(_client, stack, listener, upload) for upload in uploads]:
                done.result()
        # A duplicate event would arrive within this time.
        time.sleep(PAUSE_S)
    took_s = (max(listener.received_at.values(), default=began)) - began
    executions = stack.executions()
    print(_report(uploads, listener, executions, took_s))
    print(f"\n{memory.report()}")
    failed = [*violations(uploads, listener, stack, executions), *memory.growing_processes()]
    for failure in failed[:20]:
        print(f"FAILED: {failure}")
    print(f"\n{len(failed)} failures" if failed else "\nno failures")
    return 1 if failed else 0


def _client(stack: Stack, listener: EventListener, upload: Upload) -> None:
    stack.upload(upload)
    # An upload that a later one supersedes may have no event.
    if not upload.is_superseded:
        listener.wait_for(upload, TIMEOUT_S)


def _report(uploads: list[Upload], listener: EventListener, executions: Counter[str], took_s: float) -> str:
    latencies = sorted(listener.latency_s(upload) for upload in uploads if listener.latency_s(upload) is not None)
    at = lambda part: f"{latencies[min(int(part * len(latencies)), len(latencies) - 1)]:.2f}" if latencies else "–"  # noqa: E731
    outcomes = Counter(event["detail-type"] for event in listener.events)
    megabytes = sum(len(upload.picture) for upload in uploads) / 1e6
    rows = [
        ("uploads", f"{len(uploads)}, {megabytes:.0f} MB"),
        ("all outcomes after", f"{took_s:.0f} s: {len(uploads) / took_s:.1f} uploads/s"),
        *((f"upload to event, p{round(part * 100)}", f"{at(part)} s") for part in (0.5, 0.9, 0.95, 0.99)),
        ("slowest", f"{latencies[-1]:.2f} s" if latencies else "–"),
        ("events", ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()))),
        ("executions", ", ".join(f"{count} {status}" for status, count in sorted(executions.items()))),
        ("processors", f"{os.cpu_count()}, load {os.getloadavg()[0]:.1f}"),
    ]
    return table(("", ""), rows)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests/load/load.py", description=__doc__)
    parser.add_argument("--uploads", type=int, default=200, help="the number of uploads (default: 200)")
    parser.add_argument("--clients", type=int, default=32, help="the number of clients (default: 32)")
    parser.add_argument("--built", action="store_true", help="deploy the build of the last run")
    parser.add_argument("--port", type=int, default=PORT, help=f"the port of the local cloud (default: {PORT})")
    return parser


if __name__ == "__main__":
    sys.exit(main())
