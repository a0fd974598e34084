"""Runs every `curl` line of docs/api.md, and compares the answer with the one in the document.

With DARKROOM_UPDATE_DOCS=1, the answers are written into the document.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from calls import Api
from darkroom_local.layout import REPOSITORY
from pictures import JPEG

DOCUMENT = REPOSITORY / "docs" / "api.md"
EXAMPLE = re.compile(r"```sh\n(?P<command>.*?)```\n\n```http\n(?P<answer>.*?)```", re.DOTALL)
METHODS = ("get", "post", "delete")
SHOWN_HEADERS = ("content-type", "location", "etag", "retry-after", "www-authenticate")
# Values that differ each time, and their replacement in the document.
VARIABLE = [
    (r"http://127\.0\.0\.1:\d+/restapis/\w+/(\w+)/_user_request_", r"https://API.execute-api.REGION.amazonaws.com/\1"),
    (r"/restapis/\w+/(\w+)/_user_request_", r"/\1"),
    (r"http://127\.0\.0\.1:\d+/darkroom-local-(\w+)bucket-\w+", r"https://\1-bucket.s3.REGION.amazonaws.com"),
    (r"\?(?:x-id=\w+&)?X-Amz-[^\"\s]+", "?X-Amz-Signature=..."),
    (r"\?x-id=[^\"\s]+", "?X-Amz-Signature=..."),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "6f1c1d0e-2f6b-4d39-9a57-0d1f0b7a3c11"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "2026-11-21T10:00:00Z"),
    (r"darkroom-local-image-pipeline:[\w-]+", "darkroom-dev-image-pipeline:NAME"),
    (r"arn:aws:states:[\w-]+:\d+", "arn:aws:states:REGION:ACCOUNT"),
    (r'("sequencer": ")\w+', r"\g<1>0000000000000000"),
    (r'("version_id": ")[\w-]+', r"\g<1>VERSION"),
    (r'("expires_at": )\d+', r"\g<1>1826704800"),
    (r"-[0-9a-f]{10}\.(\w+)", r"-0123456789.\1"),
    (r'("cursor": ")[\w-]+', r"\g<1>CURSOR"),
    (r'(?i)(etag: (?:W/)?")\w+', r"\g<1>0f1e2d3c"),
]


def test_every_example_answers_as_documented(api: Api, tmp_path: Path) -> None:
    (tmp_path / "photo.jpg").write_bytes(JPEG)
    (tmp_path / "notes.txt").write_bytes(b"These are notes.")
    document = DOCUMENT.read_text(encoding="utf-8")
    # One picture more than the document's, so that its second page is not the last.
    api.finished(api.upload(JPEG).json["key"])
    session = _Session(api, tmp_path)

    answered = EXAMPLE.sub(session.run, document)

    if os.environ.get("DARKROOM_UPDATE_DOCS"):
        DOCUMENT.write_text(answered, encoding="utf-8")
    assert answered == document
    assert document.count("curl -i") == len(session.commands)


def test_every_call_of_the_api_has_an_example() -> None:
    command = [sys.executable, str(REPOSITORY / "api" / "export.py"), "ApiKey"]
    described = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    calls = {(method.upper(), path) for path, item in described["paths"].items() for method in item if method in METHODS}

    examples = [match["command"] for match in EXAMPLE.finditer(DOCUMENT.read_text(encoding="utf-8"))]

    assert {called for example in examples if (called := _called(example))} == calls


def _called(example: str) -> tuple[str, str] | None:
    path = re.search(r'\$API_URL(/[^"?]*)', example)
    if path is None:
        return None
    method = re.search(r"-X (\w+)", example)
    sends = "POST" if "--data" in example else "GET"
    return method[1] if method else sends, re.sub("/images/.+", "/images/{key}", path[1])


class _Session:
    """Runs the examples in their order, and keeps values of the answers for later examples."""

    def __init__(self, api: Api, folder: Path) -> None:
        self.api = api
        self.folder = folder
        self.commands: list[str] = []
        outputs = api.stack.outputs
        self.variables = {"API_URL": outputs["ApiUrl"], "API_KEY": outputs["ApiKey"], "PATH": os.environ["PATH"]}

    def run(self, example: re.Match[str]) -> str:
        command = example["command"]
        self.commands.append(command)
        done = subprocess.run(
            ["sh", "-c", command], cwd=self.folder, env=self.variables, capture_output=True, check=True, timeout=600
        )
        answer = done.stdout.decode().replace("\r\n", "\n").removeprefix("HTTP/1.1 100 Continue\n\n")
        head, _, body = answer.partition("\n\n")
        self._record(command, head, body)
        return f"```sh\n{command}```\n\n```http\n{shown(head, body)}\n```"

    def _record(self, command: str, head: str, body: str) -> None:
        if etag := re.search(r"(?im)^etag: (.*)$", head):
            self.variables["ETAG"] = etag[1]
        said = json.loads(body) if body.startswith("{") else {}
        for name in ("key", "url", "cursor"):
            if name in said and "request_id" not in said:
                self.variables[{"key": "PREPARED_KEY"}.get(name, name.upper())] = said[name]
        if "href" in said or "-T photo.jpg" in command:
            self.variables["KEY"] = self.variables["PREPARED_KEY"]
        if "href" in said or "-T photo.jpg" in command or '"execution"' in body:
            self.api.finished(self.variables["KEY"])


def shown(head: str, body: str) -> str:
    """Formats an answer as in the document."""
    status, *headers = head.splitlines()
    kept = sorted(line for line in headers if line.partition(":")[0].lower() in SHOWN_HEADERS)
    text = "\n".join([status.strip(), *kept])
    if body.startswith("{"):
        text += "\n\n" + json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    for pattern, stands_for in VARIABLE:
        text = re.sub(pattern, stands_for, text)
    return text
