"""What each file of events/ comes to: where its answer says so, and what."""

from __future__ import annotations

ANSWERS = {
    "images.delete.json": ("statusCode", 204),
    "images.execute.json": ("statusCode", 202),
    "images.get.json": ("statusCode", 200),
    "images.list.json": ("statusCode", 200),
    # The picture is there: the event is an old one.
    "images.object_deleted.json": ("removal", "kept"),
    "images.upload.json": ("statusCode", 201),
    "notify.completion.json": ("status", "completed"),
    # Its execution succeeded all the same: what is told is the truth.
    "notify.failure.json": ("status", "completed"),
    "notify.rejection.json": ("status", "rejected"),
    "resize.job.json": ("outcome", "rendered"),
    "validate.upload.json": ("verdict", "accepted"),
}
