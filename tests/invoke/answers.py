"""The expected answer to each file of events/: a field, and its value."""

from __future__ import annotations

ANSWERS = {
    "images.delete.json": ("statusCode", 204),
    "images.execute.json": ("statusCode", 202),
    "images.get.json": ("statusCode", 200),
    "images.list.json": ("statusCode", 200),
    # The picture exists, so the event is outdated.
    "images.object_deleted.json": ("removal", "kept"),
    "images.version_deleted.json": ("removal", "kept"),
    "images.upload.json": ("statusCode", 201),
    "notify.completion.json": ("status", "completed"),
    # The execution of the picture has succeeded, so notify reports that.
    "notify.failure.json": ("status", "completed"),
    "notify.rejection.json": ("status", "rejected"),
    "resize.job.json": ("outcome", "rendered"),
    "validate.upload.json": ("verdict", "accepted"),
}
