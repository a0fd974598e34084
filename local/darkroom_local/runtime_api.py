"""A stand-in for the Lambda runtime API: gives invocations to one function, and records when it asks for them.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

from __future__ import annotations

import json
import queue
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TypeVar

from .layout import LocalCloudError

FUNCTION = "function"
FUNCTION_ARN = f"arn:aws:lambda:us-east-1:000000000000:function:{FUNCTION}"
TIMEOUT_S = 120

T = TypeVar("T")


class RuntimeApi:
    """Listens on a free port of 127.0.0.1, within a `with`."""

    def __init__(self) -> None:
        self._polls: queue.Queue[float] = queue.Queue()
        self._events: queue.Queue[object] = queue.Queue()
        self._answers: queue.Queue[tuple[str, object]] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True

    def __enter__(self) -> RuntimeApi:
        """Starts to listen."""
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stops, and closes the connections that wait for an invocation."""
        self._server.shutdown()
        self._server.server_close()

    def environment(self, memory_mb: int) -> dict[str, str]:
        """The variables that Lambda sets for a function."""
        return {
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": FUNCTION,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb),
            "AWS_LAMBDA_LOG_GROUP_NAME": FUNCTION,
            "AWS_LAMBDA_LOG_STREAM_NAME": FUNCTION,
        }

    def polled(self) -> float:
        """Waits until the function asks for its next invocation; the time by `time.perf_counter`."""
        return _waited(self._polls, "the function never asked for an invocation")

    def invoke(self, event: object) -> object:
        """Invokes the function, and returns its answer."""
        self._events.put(event)
        kind, answer = _waited(self._answers, "the function did not answer")
        if kind != "response":
            raise LocalCloudError(f"the function failed: {json.dumps(answer)}")
        return answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        polls, events, answers = self._polls, self._events, self._answers

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                polls.put(time.perf_counter())
                event = json.dumps(events.get()).encode()
                self._reply(200, event, {
                    "Lambda-Runtime-Aws-Request-Id": str(uuid.uuid4()),
                    "Lambda-Runtime-Deadline-Ms": str(int((time.time() + TIMEOUT_S) * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": FUNCTION_ARN,
                })  # fmt: skip

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                # Replies first: the receiver of the answer may kill the function at once.
                self._reply(202, b"", {})
                answers.put((self.path.rsplit("/", 1)[1], json.loads(body)))

            def _reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _waited(of: queue.Queue[T], otherwise: str) -> T:
    try:
        return of.get(timeout=TIMEOUT_S)
    except queue.Empty:
        raise LocalCloudError(otherwise) from None
