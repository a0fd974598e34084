"""The application that the server serves: MiniStack, with its gaps filled."""

from __future__ import annotations

from ministack.app import app

from . import dynamodb_ttl, s3_version_id

__all__ = ["app"]

s3_version_id.install()
dynamodb_ttl.install()
