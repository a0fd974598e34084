"""Listens for events of Darkroom by a rule and a queue of its own."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from stack import Stack
from plan import Upload

THREADS = 2


class EventListener:
    """Receives every event of Darkroom, within a `with`."""

    def __init__(self, stack: Stack) -> None:
        self.events: list[dict[str, Any]] = []
        self.received_at: dict[tuple[str, str], float] = {}
        """When the queue received the first event of a key's version, in seconds since 1970."""
        self.on_outcome: Callable[[str], None] = lambda _: None
        self._sqs = stack.client("sqs")
        self._events = stack.client("events")
        self._bus = stack.outputs["EventBusName"]
        self._changed = threading.Condition()
        self._is_over = threading.Event()

    def __enter__(self) -> EventListener:
        """Starts to listen."""
        self._queue = self._sqs.create_queue(QueueName="load")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        self._sqs.set_queue_attributes(QueueUrl=self._queue, Attributes={"Policy": policy_for_rules(arn)})
        rule = {"Name": "load", "EventBusName": self._bus}
        self._events.put_rule(**rule, EventPattern=json.dumps({"source": ["darkroom"]}))
        self._events.put_targets(Rule="load", EventBusName=self._bus, Targets=[{"Id": "load", "Arn": arn}])
        self._threads = [threading.Thread(target=self._listen, daemon=True) for _ in range(THREADS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Receives the events that are still in the queue, and stops."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, upload: Upload, timeout_s: float) -> None:
        """Waits until the outcome of an upload was received, or until the timeout."""
        with self._changed:
            self._changed.wait_for(lambda: (upload.key, upload.version_id) in self.received_at, timeout_s)

    def latency_s(self, upload: Upload) -> float | None:
        """The seconds from S3's answer to the event in the queue."""
        received_at = self.received_at.get((upload.key, upload.version_id))
        return None if received_at is None else max(0.0, received_at - upload.put_at)

    def _listen(self) -> None:
        while not self._is_over.is_set():
            messages = self._sqs.receive_message(
                QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=1, AttributeNames=["SentTimestamp"]
            ).get("Messages", [])
            for message in messages:
                self._record(json.loads(message["Body"]), int(message["Attributes"]["SentTimestamp"]) / 1000)
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])

    def _record(self, event: dict[str, Any], sent_at: float) -> None:
        detail = event["detail"]
        with self._changed:
            self.events.append(event)
            self.received_at.setdefault((detail["key"], detail.get("version_id", "")), sent_at)
            self.on_outcome(detail["key"])
            self._changed.notify_all()


def policy_for_rules(queue_arn: str) -> str:
    """A queue policy that allows rules to send."""
    rules = {"Service": "events.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": rules, "Action": "sqs:SendMessage", "Resource": queue_arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
