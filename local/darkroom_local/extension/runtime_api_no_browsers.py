"""The Lambda runtime API, a port of 127.0.0.1 for each process of a function, refuses browsers.

Otherwise a web page could take an invocation from a function, or end the function by reporting an error.
<https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>
"""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler
from typing import Any, Callable

from ministack.core import lambda_runtime

from . import patching
from .web_pages import LOOPBACK

Handler = type[BaseHTTPRequestHandler]
BROWSER_HEADERS = ("origin", "sec-fetch-site")


def install() -> None:
    """Wraps the construction of the request handler."""
    patching.replace(
        lambda_runtime.ProvidedWorker, "_build_handler_class", "self, generation, pending", _refusing_browsers
    )


def _refusing_browsers(build: Callable[..., Handler]) -> Callable[..., Handler]:
    def build_handler_class(self: Any, generation: int, pending: Any) -> Handler:
        handler = build(self, generation, pending)

        class WithoutBrowsers(handler):  # type: ignore[misc, valid-type]
            def parse_request(self) -> bool:
                if not super().parse_request():
                    return False
                is_browser = any(self.headers.get(name) for name in BROWSER_HEADERS)
                if is_browser or not LOOPBACK.match(self.headers.get("host", "")):
                    self.send_error(403)
                    return False
                return True

        return WithoutBrowsers

    return build_handler_class
