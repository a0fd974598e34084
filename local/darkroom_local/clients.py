"""boto3's clients of a local cloud, for what runs in its Python environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config


def client_at(access: Mapping[str, str], service: str, **options: Any) -> Any:
    """A boto3 client of the cloud that `access` names: as its root user, unless `options` hold other keys.

    `access` is what `Instance.access` says, or the outputs of a stack, which hold the same.
    """
    root = {
        "endpoint_url": access["Endpoint"],
        "region_name": access["Region"],
        "aws_access_key_id": access["AccessKeyId"],
        "aws_secret_access_key": access["SecretAccessKey"],
        # A busy machine answers late, and a second attempt would find what the first has done.
        "config": Config(read_timeout=600, connect_timeout=600),
    }
    return boto3.client(service, **{**root, **options})
