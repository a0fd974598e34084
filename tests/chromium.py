"""Opens pages of a test's own site in headless Chromium, to test what only a real browser does."""

from __future__ import annotations

import json
import os
import queue
import select
import shutil
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import missing_tools

COMMANDS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-proxy-server",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
INSTALL = (("apt-get", "update"), ("apt-get", "install", "--yes", "--no-install-recommends", "chromium"))
TIMEOUT_S = 600

# The result of each attempt: the status and text that the page may read, or the error.
PAGE = """<!doctype html><meta charset="utf-8"><title>a page</title><script>
const attempt = async ({name, url, options}) => {
  try {
    const answer = await fetch(url, options);
    return {name, type: answer.type, status: answer.status, text: await answer.text()};
  } catch (error) {
    return {name, type: 'error', status: 0, text: String(error)};
  }
};
(async () => {
  const results = [];
  for (const one of ATTEMPTS) results.push(await attempt(one));
  await fetch('/results', {method: 'POST', body: JSON.stringify(results)});
})();
</script>"""


def find() -> str:
    """The path of Chromium. As root on Debian, installs it. Skips the test on a machine without Chromium."""
    return installed() or missing_tools.skip("chromium")


def installed() -> str | None:
    """The path of Chromium; None on a machine without it. As root on Debian, installs it."""
    if not (found := _which()) and os.geteuid() == 0 and shutil.which("apt-get"):
        for command in INSTALL:
            subprocess.run(command, capture_output=True, check=False, timeout=300)
        found = _which()
    return found


def _which() -> str | None:
    return next((path for path in map(shutil.which, COMMANDS) if path), None)


@contextmanager
def site(attempts: Sequence[dict[str, Any]]) -> Iterator[tuple[int, queue.Queue[list[dict[str, Any]]]]]:
    """Serves a page that makes these requests; the port, and the queue of the results."""
    results: queue.Queue[list[dict[str, Any]]] = queue.Queue()
    page = PAGE.replace("ATTEMPTS", json.dumps(list(attempts))).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(page)

        def do_POST(self) -> None:
            results.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        try:
            yield server.server_address[1], results
        finally:
            server.shutdown()


def visit(url: str, names: dict[str, str], results: queue.Queue[Any], profile: Path) -> list[dict[str, Any]]:
    """Opens a page until it posts its results. `names` maps a host (with port) to an address."""
    rules = ", ".join(f"MAP {host} {address}" for host, address in names.items())
    with opened(url, profile, [f"--host-resolver-rules={rules}"]) as log:
        try:
            return results.get(timeout=TIMEOUT_S)
        except queue.Empty:
            raise AssertionError(f"the page posted no results in {TIMEOUT_S} s:\n{log()}") from None


@contextmanager
def opened(url: str, profile: Path, flags: Sequence[str]) -> Iterator[Callable[[], str]]:
    """A page in Chromium, which is killed at the end. Yields a function that returns the browser's log."""
    # With a debugging port, the browser stays open until it is killed below.
    stay = "--remote-debugging-port=0"
    command = [find(), *FLAGS, *flags, stay, f"--user-data-dir={profile}", url]
    with tempfile.TemporaryFile() as log:
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, start_new_session=True)

        def read_log() -> str:
            return os.pread(log.fileno(), 1 << 16, 0).decode(errors="replace")

        try:
            yield read_log
        finally:
            os.killpg(browser.pid, 9)
            browser.wait()


@contextmanager
def dns_rebinding(first_port: int, then_port: int) -> Iterator[int]:
    """A port that forwards requests for the page to the site, and all others to another server.

    For the browser, this is the same as a DNS entry of the site that changes to 127.0.0.1 while the page is open.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    fetched = threading.Event()

    def serve(client: socket.socket) -> None:
        request = client.recv(1 << 16)
        to_site = request.startswith((b"GET /page ", b"POST /results ", b"GET /favicon.ico ")) or not request
        with socket.create_connection(("127.0.0.1", first_port if to_site else then_port)) as server, client:
            # One request per connection, so that each request is routed on its own.
            server.sendall(request.replace(b"Connection: keep-alive", b"Connection: close"))
            while ready := select.select([server, client], [], [], 30)[0]:
                for source in ready:
                    if not (piece := source.recv(1 << 16)):
                        return
                    (client if source is server else server).sendall(piece)

    def accept() -> None:
        while not fetched.is_set():
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=[client], daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        fetched.set()
        listener.close()
