"""Who listens for outcomes: a rule and a queue of its own, emptied as they come."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from stack import Stack
from plan import Upload

EARS = 2


class Audience:
    """Hears every event of Darkroom within a `with`."""

    def __init__(self, stack: Stack) -> None:
        self.events: list[dict[str, Any]] = []
        self.heard_at: dict[tuple[str, str], float] = {}
        """When the queue had the first event of a key's version, in seconds since 1970."""
        self.on_outcome: Callable[[str], None] = lambda _: None
        self._sqs = stack.client("sqs")
        self._events = stack.client("events")
        self._bus = stack.outputs["EventBusName"]
        self._heard = threading.Condition()
        self._is_over = threading.Event()

    def __enter__(self) -> Audience:
        """Begins to listen."""
        self._queue = self._sqs.create_queue(QueueName="load")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        self._sqs.set_queue_attributes(QueueUrl=self._queue, Attributes={"Policy": taking_from_rules(arn)})
        rule = {"Name": "load", "EventBusName": self._bus}
        self._events.put_rule(**rule, EventPattern=json.dumps({"source": ["darkroom"]}))
        self._events.put_targets(Rule="load", EventBusName=self._bus, Targets=[{"Id": "load", "Arn": arn}])
        self._threads = [threading.Thread(target=self._listen, daemon=True) for _ in range(EARS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Listens to what is still there, and no longer."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, upload: Upload, patience_s: float) -> None:
        """Until its outcome was heard, or for so long."""
        with self._heard:
            self._heard.wait_for(lambda: (upload.key, upload.version_id) in self.heard_at, patience_s)

    def latency_s(self, upload: Upload) -> float | None:
        """From S3's answer to the event in the queue."""
        heard_at = self.heard_at.get((upload.key, upload.version_id))
        return None if heard_at is None else max(0.0, heard_at - upload.put_at)

    def _listen(self) -> None:
        while not self._is_over.is_set():
            messages = self._sqs.receive_message(
                QueueUrl=self._queue, MaxNumberOfMessages=10, WaitTimeSeconds=1, AttributeNames=["SentTimestamp"]
            ).get("Messages", [])
            for message in messages:
                self._hear(json.loads(message["Body"]), int(message["Attributes"]["SentTimestamp"]) / 1000)
                self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])

    def _hear(self, event: dict[str, Any], sent_at: float) -> None:
        detail = event["detail"]
        with self._heard:
            self.events.append(event)
            self.heard_at.setdefault((detail["key"], detail.get("version_id", "")), sent_at)
            self.on_outcome(detail["key"])
            self._heard.notify_all()


def taking_from_rules(queue_arn: str) -> str:
    """The policy of a queue that rules may send to."""
    rules = {"Service": "events.amazonaws.com"}
    statement = {"Effect": "Allow", "Principal": rules, "Action": "sqs:SendMessage", "Resource": queue_arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
