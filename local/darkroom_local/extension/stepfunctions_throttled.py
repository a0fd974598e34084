"""A task whose function is throttled fails with Lambda's error, `Lambda.TooManyRequestsException`.

MiniStack enforces the concurrency, but fails the task with `Lambda.Unknown`, which no state machine retries.
<https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html>
"""

from __future__ import annotations

import json
from typing import Any, Callable

from ministack.services import lambda_svc, stepfunctions

from . import patching

THROTTLE = "TooManyRequestsException"


def install() -> None:
    """Renames the error of a throttled call."""
    patching.check(lambda_svc, "_throttle_response", "reason_code, msg, retry_after")
    patching.replace(stepfunctions, "_call_lambda", "func_ref, event", _named)


def _named(call: Callable[..., Any]) -> Callable[..., Any]:
    def call_lambda(func_ref: str, event: Any) -> Any:
        try:
            return call(func_ref, event)
        except stepfunctions._ExecutionError as error:
            if error.error == "Lambda.Unknown" and _type(error.cause) == THROTTLE:
                raise stepfunctions._ExecutionError(f"Lambda.{THROTTLE}", error.cause) from error
            raise

    return call_lambda


def _type(cause: str) -> str | None:
    try:
        said = json.loads(cause)
    except ValueError:
        return None
    return said.get("__type") if isinstance(said, dict) else None
