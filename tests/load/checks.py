"""What must be true after all uploads have ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from event_listener import EventListener
from stack import Stack
from plan import Upload

GREEN = {"SUCCEEDED"}


def violations(
    uploads: list[Upload], listener: EventListener, stack: Stack, executions: Counter[str]
) -> Iterator[str]:
    """Yields a sentence for each violation."""
    records, stored = stack.records(), stack.rendition_keys()
    published = Counter((event["detail"]["key"], event["detail"].get("version_id", "")) for event in listener.events)
    for upload in uploads:
        times = published[upload.key, upload.version_id]
        if times != 1 and not (upload.is_superseded and times == 0):
            yield f"{upload.key}: its outcome was published {times} times"
        if not upload.is_superseded:
            yield from _of_record(upload, records.get(upload.key), stored)
    for event in listener.events:
        if event["detail-type"] == "Image Failed":
            yield f"{event['detail']['key']}: failed: {event['detail']['failure']}"
    if executions.keys() - GREEN:
        yield f"executions that did not succeed: {dict(executions)}"
    if executions.total() != len(uploads):
        yield f"{executions.total()} executions for {len(uploads)} uploads"


def _of_record(upload: Upload, record: dict | None, stored: set[str]) -> Iterator[str]:
    if record is None:
        yield f"{upload.key}: no record"
        return
    if (record["status"], record["version_id"]) != (upload.status, upload.version_id):
        yield f"{upload.key}: {record['status']} for {record['version_id']}, not {upload.status}"
    if upload.status == "completed" and len(record.get("renditions", ())) != 4:
        yield f"{upload.key}: {len(record.get('renditions', ()))} renditions, not 4"
    for rendition in record.get("renditions", ()):
        if rendition["key"] not in stored:
            yield f"{rendition['key']}: recorded, but not stored"
