"""An event whose target is gone goes to the target's dead-letter queue.

MiniStack keeps `DeadLetterConfig` and never looks at it. Only the one failure that can happen here is
covered: a state machine or a function that does not exist.
<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>
"""

from __future__ import annotations

import json
from typing import Any, Callable

from ministack.services import eventbridge, lambda_svc, sqs, stepfunctions

from . import patching


def install() -> None:
    """Looks for the target before an event is handed to it."""
    patching.check(stepfunctions, "_resolve_state_machine_arn", "arn")
    patching.check(lambda_svc, "_get_func_record_for_ref", "function_ref")
    patching.check(sqs, "_act_send_message", "data, qurl")
    patching.check(sqs, "_queue_by_arn", "arn")
    patching.replace(eventbridge, "_invoke_target", "target, event, rule, view", _keeping_the_undeliverable)


def _keeping_the_undeliverable(invoke: Callable[..., None]) -> Callable[..., None]:
    def invoke_target(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        queue_arn = (target.get("DeadLetterConfig") or {}).get("Arn")
        if queue_arn and not _exists(target["Arn"]):
            view = view or eventbridge._pattern_event_view(event)
            _send(queue_arn, json.dumps(view.event_with_detail()), rule, target)
        else:
            invoke(target, event, rule, view)

    return invoke_target


def _exists(arn: str) -> bool:
    service = arn.split(":")[2]
    if service == "states":
        return stepfunctions._resolve_state_machine_arn(arn) is not None
    if service == "lambda":
        return lambda_svc._get_func_record_for_ref(arn)[0] is not None
    return True


def _send(queue_arn: str, body: str, rule: dict[str, Any], target: dict[str, Any]) -> None:
    queue = sqs._queue_by_arn(queue_arn)
    if queue is None:
        return
    attributes = {
        "RULE_ARN": rule.get("Arn", ""),
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": "NO_RESOURCE",
        "ERROR_MESSAGE": f"{target['Arn']} does not exist",
        "RETRY_ATTEMPTS": "0",
    }
    message = {
        "QueueUrl": queue["url"],
        "MessageBody": body,
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value
        },
    }
    sqs._act_send_message(message, queue["url"])
