"""S3 events on EventBridge have `object.version-id` if the bucket is versioned, and no field that S3 does not send.

MiniStack puts the version into S3 notifications, but not into the EventBridge event. Without it, a reader cannot read
the version that the event describes. Its event also has an `event-version`, the size of a deleted object, and the
object's ETag even without a delete marker (tests/recordings/s3_events_unversioned.json).
<https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>
"""

from __future__ import annotations

import json
from contextvars import ContextVar
from typing import Any, Callable

from ministack.services import eventbridge, s3

from . import patching

FIRE_SIGNATURE = (
    "bucket_name, key, event_name, size, etag, deletion_type, restore_event_data, "
    "version_id, sequencer, object_extra, record_extra"
)

# The event is created and dispatched in the same call, but the functions between do not pass the version on.
_version_id: ContextVar[str | None] = ContextVar("version_id", default=None)


def install() -> None:
    """Adds the version to the events that S3 publishes on EventBridge."""
    patching.replace(s3, "_fire_s3_event", FIRE_SIGNATURE, _remembering_the_version)
    patching.replace(eventbridge, "_dispatch_event", "event, view", _adding_the_version)


def with_version_id(event: dict[str, Any], version_id: str | None) -> dict[str, Any]:
    """An event of S3 with the version in its detail; another event unchanged."""
    if event.get("Source") != "aws.s3":
        return event
    detail = json.loads(event["Detail"])
    detail.pop("event-version", None)
    if event["DetailType"] == "Object Deleted":
        del detail["object"]["size"]
        if detail["deletion-type"] != "Delete Marker Created":
            del detail["object"]["etag"]
    if version_id and version_id != "null":
        detail["object"]["version-id"] = version_id
    return {**event, "Detail": json.dumps(detail)}


def _remembering_the_version(fire: Callable[..., None]) -> Callable[..., None]:
    def fire_with_version(*args: Any, version_id: str | None = None, **kwargs: Any) -> None:
        token = _version_id.set(version_id)
        try:
            fire(*args, version_id=version_id, **kwargs)
        finally:
            _version_id.reset(token)

    return fire_with_version


def _adding_the_version(dispatch: Callable[..., None]) -> Callable[..., None]:
    def dispatch_with_version(event: dict[str, Any], view: Any = None) -> None:
        dispatch(with_version_id(event, _version_id.get()), view)

    return dispatch_with_version
