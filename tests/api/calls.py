"""Calls an API over HTTP, with each kind of credentials."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from darkroom_local.layout import REGION
from stacks import Stack

TIMEOUT_S = 600
CONNECTIONS = urllib3.PoolManager(maxsize=64, retries=False, timeout=600.0)

Headers = dict[str, str]
# Adds credentials to the headers of a request.
Sign = Callable[[str, str, bytes, Headers], Headers]


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def problem(self, status: int) -> Any:
        """The body, which must be a problem document with this status and with the id of the request."""
        assert self.status == status, (self.status, self.body)
        assert self.headers["Content-Type"] == "application/problem+json"
        document = self.json
        assert document["status"] == status and document["title"] and document["detail"]
        assert document["request_id"] == self.headers["x-amzn-RequestId"]
        return document


def send(method: str, url: str, body: bytes = b"", headers: Headers | None = None) -> Answer:
    """Sends one request, without credentials."""
    response = CONNECTIONS.request(method, url, body=body or None, headers=headers or {})
    return Answer(response.status, response.headers, response.data)


@dataclass(frozen=True)
class Api:
    """A stack's API, called with some credentials."""

    stack: Stack
    sign: Sign

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Sends a request with credentials. The argument `Content_Type` becomes the header Content-Type."""
        url = self.stack.outputs["ApiUrl"] + path
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return send(method, url, body, self.sign(method, url, body, named))

    def post_json(self, path: str, value: Any) -> Answer:
        return self.call("POST", path, json.dumps(value).encode(), Content_Type="application/json")

    def upload(self, picture: bytes, content_type: str = "image/jpeg") -> Answer:
        return self.call("POST", "/images", picture, Content_Type=content_type)

    def show(self, key: str, **headers: str) -> Answer:
        # urllib3 would resolve dots between slashes.
        safe = "" if ".." in key else "/"
        return self.call("GET", f"/images/{quote(key, safe=safe)}", **headers)

    def finished(self, key: str) -> Any:
        """Waits until the picture's record has an outcome, and returns it."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            answer = self.show(key)
            if answer.status == 404:
                assert answer.headers["Retry-After"], "the picture is uploaded, so its record will exist"
            elif answer.json["status"] != "processing":
                return answer.json
            time.sleep(0.1)
        raise AssertionError(f"{key} has no outcome after {TIMEOUT_S} s")


def with_key(key: str) -> Sign:
    """Credentials: an API key."""
    return lambda method, url, body, headers: {**headers, "X-Api-Key": key}


def with_token(token: str) -> Sign:
    """Credentials: a JWT."""
    return lambda method, url, body, headers: {**headers, "Authorization": f"Bearer {token}"}


def with_signature(access_key: str, secret: str) -> Sign:
    """Credentials: Signature Version 4."""

    def sign(method: str, url: str, body: bytes, headers: Headers) -> Headers:
        request = AWSRequest(method=method, url=url, data=body, headers=headers)
        SigV4Auth(Credentials(access_key, secret), "execute-api", REGION).add_auth(request)
        return dict(request.headers)

    return sign


def unsigned(method: str, url: str, body: bytes, headers: Headers) -> Headers:
    """No credentials."""
    return headers
