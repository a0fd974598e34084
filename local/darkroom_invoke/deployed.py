"""Invokes the deployed function, which has the rights of its role."""

from __future__ import annotations

import base64
import json
from typing import Any

from darkroom_local.layout import LocalCloudError

from .stack import Stack


def invoke(stack: Stack, name: str, event: Any) -> tuple[Any, str]:
    """The function's answer, and the end of its log."""
    answer = stack.client("lambda").invoke(
        FunctionName=stack.function(name), Payload=json.dumps(event).encode(), LogType="Tail"
    )
    log = base64.b64decode(answer.get("LogResult", "")).decode(errors="replace")
    body = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise LocalCloudError(f"{log}\nthe function failed: {json.dumps(body, indent=2)}")
    return body, log
