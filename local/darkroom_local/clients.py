"""boto3's clients of a local cloud, for what runs in its Python environment."""

from __future__ import annotations

from typing import Any

import boto3

from .layout import REGION


def client_at(endpoint: str, service: str, **options: Any) -> Any:
    """A boto3 client that speaks to the cloud at that endpoint: as its root user, unless `options` hold other keys."""
    usual = {"region_name": REGION, "aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, endpoint_url=endpoint, **{**usual, **options})
