"""Invoking a function: events that are adapted to the stack, and the relay."""

from __future__ import annotations

import json
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from darkroom_invoke import event
from darkroom_invoke.relay import relay_to
from darkroom_invoke.stack import Stack
from darkroom_local.layout import LocalCloudError

OUTPUTS = {
    "SourceBucketName": "our-sources",
    "DestinationBucketName": "our-renditions",
    "StateMachineArn": "arn:aws:states:us-east-1:000000000000:stateMachine:ours",
    "ResizeFunctionName": "our-resize",
}
RECORD = {
    "version_id": {"S": "v7"},
    "etag": {"S": "e7a6"},
    "sequencer": {"S": "00AA"},
    "byte_len": {"N": "15497"},
    "execution": {"S": "arn:aws:states:us-east-1:000000000000:execution:ours:7"},
    "received_at": {"S": "2026-11-21T08:00:00Z"},
    "status": {"S": "completed"},
}


@pytest.mark.parametrize("file", sorted(event.EVENTS.glob("*.json")), ids=lambda file: file.name)
def test_no_name_of_the_examples_stack_remains(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event, "_uploaded", lambda stack, key: RECORD)
    text = json.dumps(event.for_stack(file, Stack(OUTPUTS)))
    for example in ("darkroom-dev-source", "darkroom-dev-destination", "3sL4kqtJlcpXroDTDmJ", "9b2cf535f27731c9"):
        assert example not in text


def test_a_job_describes_the_uploaded_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event, "_uploaded", lambda stack, key: RECORD)
    job = event.for_stack(event.EVENTS / "resize.job.json", Stack(OUTPUTS))
    key = "uploads/holiday photo (1).jpg"
    assert job["source"] == {"bucket": "our-sources", "key": key, "version_id": "v7", "etag": "e7a6"}
    assert job["destination"]["bucket"] == "our-renditions"
    assert job["execution"] == RECORD["execution"]["S"]


def test_a_function_has_its_physical_name_and_an_unknown_one_is_refused() -> None:
    assert Stack(OUTPUTS).function("resize") == "our-resize"
    with pytest.raises(LocalCloudError, match="no function 'enlarge': validate, resize, notify, images"):
        Stack(OUTPUTS).function("enlarge")


def test_without_a_stack_the_error_names_make_up(tmp_path: Path) -> None:
    with pytest.raises(LocalCloudError, match="make up"):
        Stack.find(tmp_path / "outputs.json")


def test_the_relay_forwards_requests_from_another_address() -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body[::-1])

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as cloud:
        threading.Thread(target=cloud.serve_forever, daemon=True).start()
        body = bytes(range(256)) * 4096
        with relay_to("127.0.0.2", cloud.server_address[1]) as url:
            assert url.startswith("http://127.0.0.2:")
            with urllib.request.urlopen(url, data=body, timeout=600) as answer:
                assert answer.read() == body[::-1]
        cloud.shutdown()
