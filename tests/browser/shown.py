"""Shows pictures and renditions in one Chromium, which compares them in a page (page.js)."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import chromium

PAGE = f"<!doctype html><meta charset=utf-8><script>{(Path(__file__).parent / 'page.js').read_text(encoding='utf-8')}</script>"
# Colours are shown as sRGB, whatever screen this machine has.
FLAGS = ("--force-color-profile=srgb",)


@dataclass(frozen=True)
class Pair:
    """A picture, and Darkroom's rendition of it if there is one."""

    source: Path
    rendition: Path | None


class ShownError(Exception):
    """The browser came to a halt."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Ignores connections that end early, as they do when the browser is killed."""


class Browser:
    """A Chromium that compares pairs. `measured` gets each measurement, and decides whether to keep pictures of it."""

    def __init__(self, measured: Callable[[int, dict[str, Any]], bool], kept: Callable[[int, str, bytes], None]) -> None:
        self._measured = measured
        self._kept = kept
        self._pairs: list[Pair] = []
        self._waiting: queue.Queue[int | None] = queue.Queue()
        self._signs_of_life: queue.Queue[str] = queue.Queue()
        self._under_way: set[int] = set()

    def compare(self, pair: Pair) -> int:
        """Queues a pair, and returns its number."""
        self._pairs.append(pair)
        self._waiting.put(len(self._pairs) - 1)
        return len(self._pairs) - 1

    def finish(self, hung_s: float) -> None:
        """Waits until every queued pair is compared.

        Raises `ShownError` if nothing happens for `hung_s` seconds.
        """
        self._waiting.put(None)
        try:
            while self._signs_of_life.get(timeout=hung_s) != "done":
                pass
        except queue.Empty:
            raise ShownError(f"the browser did nothing for {hung_s} s{self._names()}") from None

    @contextmanager
    def open(self, profile: Path) -> Iterator[Browser]:
        """Opens the page, and closes it with the browser at the end."""
        with _Server(("127.0.0.1", 0), self._handler()) as server:
            threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
            try:
                with chromium.opened(f"http://127.0.0.1:{server.server_address[1]}/", profile, FLAGS):
                    yield self
            finally:
                server.shutdown()

    def _names(self) -> str:
        files = sorted(str(self._pairs[index].source) for index in list(self._under_way))
        return f" (under way: {', '.join(files)})" if files else ""

    def _next(self) -> dict[str, Any] | None:
        index = self._waiting.get()
        if index is None:
            # For the page's other runner.
            self._waiting.put(None)
            return None
        self._under_way.add(index)
        rendition = f"/rendition/{index}" if self._pairs[index].rendition else None
        return {"index": index, "source": f"/source/{index}", "rendition": rendition}

    def _posted(self, path: str, body: bytes) -> Any:
        first, *rest = path.strip("/").split("/")
        if first == "next":
            answer = self._next()
        elif first == "measured":
            answer = {"keep": self._measured(int(rest[0]), json.loads(body))}
            self._under_way.discard(int(rest[0]))
        elif first == "kept":
            answer = self._kept(int(rest[0]), rest[1], body)
        else:
            answer = None
        self._signs_of_life.put(first)
        return answer

    def _file(self, path: str) -> bytes:
        kind, index = path.strip("/").split("/")
        pair = self._pairs[int(index)]
        return (pair.source if kind == "source" else pair.rendition or pair.source).read_bytes()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        browser = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                if self.path == "/":
                    self._answer(PAGE.encode(), "text/html")
                elif self.path == "/favicon.ico":
                    self._answer(b"", "image/png")
                else:
                    # Without a type, Chromium detects the format, as it does for every <img>.
                    self._answer(browser._file(self.path), None)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                self._answer(json.dumps(browser._posted(self.path, body)).encode(), "application/json")

            def _answer(self, body: bytes, content_type: str | None) -> None:
                self.send_response(200)
                if content_type:
                    self.send_header("Content-Type", content_type)
                self.send_header("Cache-Control", "no-store")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
