"""Who listens for outcomes: a rule and a queue of its own, emptied as they come."""

from __future__ import annotations

import json
import threading
import time
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
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self._last = time.monotonic()

    def __enter__(self) -> Audience:
        """Begins to listen."""
        self._queue = self._sqs.create_queue(QueueName="load")["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        rule = {"Name": "load", "EventBusName": self._bus}
        self._events.put_rule(**rule, EventPattern=json.dumps({"source": ["darkroom"]}))
        target = {"Id": "load", "Arn": attributes["Attributes"]["QueueArn"]}
        self._events.put_targets(Rule="load", EventBusName=self._bus, Targets=[target])
        self._threads = [threading.Thread(target=self._listen, daemon=True) for _ in range(EARS)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Listens to what is still there, and no longer."""
        self._is_over.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, uploads: list[Upload], silence_s: float) -> None:
        """Until there is an event for each of them that is sure of one, or nothing was heard for so long."""
        wanted = {(upload.key, upload.version_id) for upload in uploads if not upload.is_overtaken}
        while wanted - self.heard_at.keys() and time.monotonic() - self._last < silence_s:
            time.sleep(0.2)
        # An event that there should not be comes within this of the last.
        time.sleep(2)

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
        with self._lock:
            self.events.append(event)
            self.heard_at.setdefault((detail["key"], detail.get("version_id", "")), sent_at)
            self._last = time.monotonic()
            self.on_outcome(detail["key"])
