"""The stand-in for the runtime API, with a function in Python: it sends an event, and receives the answer or the
error."""

from __future__ import annotations

import json
import threading
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from darkroom_local.layout import LocalCloudError
from darkroom_local.runtime_api import RuntimeApi


def test_a_function_receives_its_event_and_its_answer_is_returned() -> None:
    with RuntimeApi() as api:
        function(api, "response", lambda event: {"doubled": event["number"] * 2})
        assert api.invoke({"number": 21}) == {"doubled": 42}
        assert api.polled() > 0


def test_the_error_of_a_function_is_raised() -> None:
    with RuntimeApi() as api:
        function(api, "error", lambda event: {"errorType": "SourceGone"})
        with pytest.raises(LocalCloudError, match="SourceGone"):
            api.invoke({})


def function(api: RuntimeApi, kind: str, answer: Callable[[Any], object]) -> None:
    """Handles one invocation, in its own thread."""
    address = api.environment(256)["AWS_LAMBDA_RUNTIME_API"]
    invocation = f"http://{address}/2018-06-01/runtime/invocation"

    def take() -> None:
        with urllib.request.urlopen(f"{invocation}/next") as next_:
            request, event = next_.headers["Lambda-Runtime-Aws-Request-Id"], json.load(next_)
        body = json.dumps(answer(event)).encode()
        urllib.request.urlopen(f"{invocation}/{request}/{kind}", data=body).close()

    threading.Thread(target=take, daemon=True).start()
