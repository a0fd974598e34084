"""An EventBridge pipe reads messages from an SQS queue, and starts a state machine with them.

MiniStack's pipes read DynamoDB streams only. Each batch becomes one execution, whose input is always a list; an input
template is applied to each message. A message is deleted when its execution has started. Otherwise it returns after its
visibility timeout, until the queue moves it to its dead-letter queue. The pipe has the rights of its role: without the
right to read, it takes nothing; without the right to start, every message returns. Filters and enrichments are not
supported.

CloudFormation deletes a pipe after all updates, minutes after a rule stopped sending to its queue. Here both happen at
once, so the pipe processes the waiting messages before it is deleted.
<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-sqs.html>
<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-permissions.html#pipes-perms-sqs>
<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-error-troubleshooting.html>
<https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-input-transformation.html>
"""

from __future__ import annotations

import json
import logging
import re
from typing import Any, Callable

from ministack.services import pipes, sqs
from ministack.services.cloudformation import provisioners

from . import patching, service_rights

log = logging.getLogger(__name__)

Json = dict[str, Any]
PIPE = "AWS::Pipes::Pipe"
PARAMETERS = ("SourceParameters", "TargetParameters")
READ_ACTIONS = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
PLACEHOLDER = re.compile(r'("?)<(\$[^<>]*)>("?)')


def install() -> None:
    """Wraps the polling of pipes, and stores the parameters that MiniStack drops."""
    patching.check(pipes, "_start_state_machine_from_records", "sm_arn, pipe, records")
    patching.check(sqs, "_queue_by_arn", "arn")
    patching.check(sqs, "_receive_messages_for_esm", "queue_url, max_number")
    patching.check(sqs, "_delete_messages_for_esm", "queue_url, receipt_handles")
    patching.replace(pipes, "_poll_pipe", "_ddb, pipe, pipe_account_id", _from_queues_too)
    patching.replace(pipes, "_create_pipe", "name, body", _keeping_parameters)
    patching.replace(pipes, "delete_pipe", "name", _after_draining)
    patching.around_resource(provisioners, PIPE, after=_store)


def inputs(pipe: Json, messages: list[Json]) -> list[Any]:
    """The input of the target for a batch."""
    template = (pipe.get("TargetParameters") or {}).get("InputTemplate")
    records = [_record(pipe, message) for message in messages]
    return [json.loads(filled(template, record)) for record in records] if template else records


def filled(template: str, record: Json) -> str:
    """An input template with its placeholders replaced: by JSON, or within quotes by plain text."""
    parsed = {**record, "body": _parsed(record["body"])}

    def value(match: re.Match[str]) -> str:
        before, path, after = match.groups()
        # A path can select a part of a JSON body. The whole body is the text that was sent.
        found = value_at(record if path == "$.body" else parsed, path)
        if before and after:
            return json.dumps(found if isinstance(found, str) else json.dumps(found))
        return before + json.dumps(found) + after

    return PLACEHOLDER.sub(value, template)


def value_at(document: Any, path: str) -> Any:
    """The value at a JSON path (`$.a.b[0]`); None if the path leads nowhere."""
    for part in re.findall(r"[^.\[\]'\"]+", path.removeprefix("$")):
        if isinstance(document, list):
            document = document[int(part)] if part.isdigit() and int(part) < len(document) else None
        elif isinstance(document, dict):
            document = document.get(part)
        else:
            return None
    return document


def _from_queues_too(poll: Callable[..., None]) -> Callable[..., None]:
    def poll_pipe(_ddb: Any, pipe: Json, pipe_account_id: str) -> None:
        if pipes._arn_service(pipe.get("Source", "")) != "sqs":
            poll(_ddb, pipe, pipe_account_id)
            return
        while pipe.get("CurrentState") == "RUNNING" and _deliver_batch(pipe):
            pass

    return poll_pipe


def _after_draining(delete: Callable[..., Any]) -> Callable[..., Any]:
    def delete_pipe(name: str) -> Any:
        pipe = pipes._pipes.get(name) or {}
        while pipe.get("CurrentState") == "RUNNING" and _deliver_batch(pipe):
            pass
        return delete(name)

    return delete_pipe


def _deliver_batch(pipe: Json) -> bool:
    queue = sqs._queue_by_arn(pipe["Source"])
    if queue is None or pipes._arn_service(pipe["Target"]) != "states":
        return False
    if not _role_allows(pipe, *READ_ACTIONS, on=pipe["Source"]):
        return False
    size = ((pipe.get("SourceParameters") or {}).get("SqsQueueParameters") or {}).get("BatchSize", 10)
    messages = sqs._receive_messages_for_esm(queue["url"], size)
    if not messages or not _role_allows(pipe, "states:StartExecution", on=pipe["Target"]):
        return False
    if not pipes._start_state_machine_from_records(pipe["Target"], pipe, inputs(pipe, messages)):
        return False
    sqs._delete_messages_for_esm(queue["url"], {message["receipt_handle"] for message in messages})
    return True


def _role_allows(pipe: Json, *actions: str, on: str) -> bool:
    for action in actions:
        refusal = service_rights.refused_to_role(
            pipe["RoleArn"], "pipes.amazonaws.com", action, on, pipe["Arn"], pipe["Name"]
        )
        if refusal:
            log.warning("pipe %s: %s", pipe["Name"], refusal)
            return False
    return True


def _record(pipe: Json, message: Json) -> Json:
    return {
        "messageId": message["id"],
        "receiptHandle": message["receipt_handle"],
        "body": message["body"],
        "eventSource": "aws:sqs",
        "eventSourceARN": pipe["Source"],
    }


def _parsed(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body


def _store(name: str, properties: Json) -> None:
    pipes._pipes[name].update({field: properties.get(field) or {} for field in PARAMETERS})


def _keeping_parameters(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_pipe(name: str, body: Json) -> Any:
        response = create(name, body)
        if response[0] == 200:
            _store(name, body)
        return response

    return create_pipe
