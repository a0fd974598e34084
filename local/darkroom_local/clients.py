"""boto3 clients for a local cloud. Needs boto3, which the cloud's Python environment has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config


def client_at(access: Mapping[str, str], service: str, **options: Any) -> Any:
    """A boto3 client for the cloud that `access` describes, as its root user unless `options` contain other keys.

    `access` is the result of `Instance.access`, or the outputs of a stack, which contain the same fields.
    """
    root = {
        "endpoint_url": access["Endpoint"],
        "region_name": access["Region"],
        "aws_access_key_id": access["AccessKeyId"],
        "aws_secret_access_key": access["SecretAccessKey"],
        # A busy machine answers late, and a second attempt could find the effect of the first.
        "config": Config(read_timeout=600, connect_timeout=600),
    }
    return boto3.client(service, **{**root, **options})
