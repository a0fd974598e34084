"""An event that cannot be delivered goes to the target's dead-letter queue: the target is missing, or refuses the rule.

MiniStack stores `DeadLetterConfig` but never uses it, and checks no permission. A state machine needs a role that may
start it. EventBridge calls a queue or a function as itself, or as the target's role if it has one. The policy of the
dead-letter queue must allow the rule, too; otherwise the event is lost. Targets of other services are not checked.
<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html>
<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html>
<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html>
"""

from __future__ import annotations

import json
import logging
from typing import Any, Callable

from ministack.services import eventbridge, lambda_svc, sqs, stepfunctions

from . import patching, service_rights

log = logging.getLogger(__name__)

SERVICE = "events.amazonaws.com"
ACTIONS = {"states": "states:StartExecution", "lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage"}


def install() -> None:
    """Checks the target, and the right to call it, before an event is delivered."""
    patching.check(stepfunctions, "_resolve_state_machine_arn", "arn")
    patching.check(lambda_svc, "_get_func_record_for_ref", "function_ref")
    patching.check(sqs, "_act_send_message", "data, qurl")
    patching.check(sqs, "_queue_by_arn", "arn")
    patching.replace(eventbridge, "_invoke_target", "target, event, rule, view", _with_dead_letters)


def _with_dead_letters(invoke: Callable[..., None]) -> Callable[..., None]:
    def invoke_target(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        code, message = undeliverable(target, rule)
        if not code:
            invoke(target, event, rule, view)
            return
        log.warning("%s of rule %s: %s", code, rule.get("Name"), message)
        if queue_arn := (target.get("DeadLetterConfig") or {}).get("Arn"):
            view = view or eventbridge._pattern_event_view(event)
            _send(queue_arn, json.dumps(view.event_with_detail()), rule, target, code, message)

    return invoke_target


def undeliverable(target: dict[str, Any], rule: dict[str, Any]) -> tuple[str, str]:
    """EventBridge's error code and message; two empty strings if the event can be delivered."""
    arn, role, source = target["Arn"], target.get("RoleArn"), rule.get("Arn", "")
    service = arn.split(":")[2]
    if not _exists(service, arn):
        return "NO_RESOURCE", f"{arn} does not exist"
    if not (action := ACTIONS.get(service)):
        return "", ""
    if service == "states" or role:
        refusal = service_rights.refused_to_role(role, SERVICE, action, arn, source, rule.get("Name", ""))
    else:
        refusal = service_rights.refused_to_service(SERVICE, action, arn, source)
    return ("NO_PERMISSIONS", refusal) if refusal else ("", "")


def _exists(service: str, arn: str) -> bool:
    if service == "states":
        return stepfunctions._resolve_state_machine_arn(arn) is not None
    if service == "lambda":
        return lambda_svc._get_func_record_for_ref(arn)[0] is not None
    return service != "sqs" or sqs._queue_by_arn(arn) is not None


def _send(queue_arn: str, body: str, rule: dict[str, Any], target: dict[str, Any], code: str, message: str) -> None:
    queue = sqs._queue_by_arn(queue_arn)
    refusal = service_rights.refused_to_service(SERVICE, "sqs:SendMessage", queue_arn, rule.get("Arn", ""))
    if queue is None or refusal:
        log.warning("a dead letter is lost: %s", refusal or f"{queue_arn} does not exist")
        return
    attributes = {
        "RULE_ARN": rule.get("Arn", ""),
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": code,
        "ERROR_MESSAGE": message,
        "RETRY_ATTEMPTS": "0",
    }
    letter = {
        "QueueUrl": queue["url"],
        "MessageBody": body,
        "MessageAttributes": {
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items() if value
        },
    }
    sqs._act_send_message(letter, queue["url"])
