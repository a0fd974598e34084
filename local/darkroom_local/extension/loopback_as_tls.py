"""Requests over the loopback address count as TLS in the condition key `aws:SecureTransport`.

The emulator uses plain HTTP on 127.0.0.1. The template's bucket and queue policies refuse plain HTTP, so they would
refuse every request here.
"""

from __future__ import annotations

from typing import Callable

from ministack import app

from . import patching


def install() -> None:
    """Wraps how the emulator records the origin of a request."""
    patching.replace(app, "pin_request_origin", "source_ip, secure_transport", _as_secure)


def _as_secure(pin: Callable[[str, bool], None]) -> Callable[[str, bool], None]:
    def pin_request_origin(source_ip: str, secure_transport: bool) -> None:
        pin(source_ip, secure_transport or source_ip == "127.0.0.1")

    return pin_request_origin
