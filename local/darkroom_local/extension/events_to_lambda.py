"""A rule invokes a function asynchronously: a failure is retried, and then sent to the function's failure destination.

MiniStack supports this invocation and uses it for S3 notifications, but for rules it calls the function once.
<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html>
"""

from __future__ import annotations

import json
import logging
from typing import Any, Callable

from ministack.services import eventbridge, lambda_svc

from . import patching

log = logging.getLogger(__name__)


def install() -> None:
    """Replaces the delivery to functions."""
    patching.check(lambda_svc, "invoke_async_with_retry", "func, event")
    patching.check(lambda_svc, "_get_func_record_for_ref", "function_ref")
    patching.check(lambda_svc, "_execution_record_for_config", "func, config")
    patching.replace(eventbridge, "_dispatch_to_lambda", "arn, payload", _asynchronously)


def _asynchronously(_: Callable[..., None]) -> Callable[..., None]:
    def dispatch(arn: str, payload: str) -> None:
        function, config, name = lambda_svc._get_func_record_for_ref(arn)
        if not function or not config:
            log.warning("no function %s for an event", name)
            return
        event: Any = json.loads(payload)
        lambda_svc.invoke_async_with_retry(lambda_svc._execution_record_for_config(function, config), event)

    return dispatch
