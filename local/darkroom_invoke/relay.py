"""Makes a port of 127.0.0.1 reachable at another address of this machine, within a `with`."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK = 1 << 16


@contextmanager
def relay_to(address: str, port: int) -> Iterator[str]:
    """Relays connections to `port` of 127.0.0.1; the URL at `address`."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", port)) as cloud:
                back = threading.Thread(target=_copy, args=[cloud, self.request], daemon=True)
                back.start()
                _copy(self.request, cloud)
                back.join()

    with _Server((address, 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
        try:
            yield f"http://{address}:{server.server_address[1]}"
        finally:
            server.shutdown()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    # Closing does not wait for connections of a function that was killed.
    block_on_close = False


def _copy(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(CHUNK):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
