"""A failed invocation is sent to the function's failure destination only if the function's role allows it.

MiniStack checks no role.
<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>
"""

from __future__ import annotations

import logging
from typing import Any, Callable

from ministack.services import lambda_svc

from . import patching, service_rights

log = logging.getLogger(__name__)

ACTIONS = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "lambda": "lambda:InvokeFunction", "events": "events:PutEvents"}


def install() -> None:
    """Checks the right before a failed invocation is sent."""
    patching.replace(lambda_svc, "_route_async_failure", "target_arn, func_name, event, result", _as_the_role)


def _as_the_role(send: Callable[..., None]) -> Callable[..., None]:
    def route_async_failure(target_arn: str, func_name: str, event: dict[str, Any], result: dict[str, Any]) -> None:
        role = lambda_svc._functions[func_name]["config"]["Role"]
        action = ACTIONS[target_arn.split(":")[2]]
        refusal = service_rights.refused_to_role(role, "lambda.amazonaws.com", action, target_arn, session=func_name)
        if refusal:
            log.error("the failed invocation of %s is lost: %s", func_name, refusal)
            return
        send(target_arn, func_name, event, result)

    return route_async_failure
