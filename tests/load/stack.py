"""The deployed stack: uploads, and what they result in."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from typing import Any

from boto3.dynamodb.types import TypeDeserializer
from botocore.config import Config
from darkroom_local.clients import client_at
from darkroom_local.layout import Instance
from plan import Upload


class Stack:
    """Uploads, records, renditions and executions of a stack. Uploads of one key are sequential."""

    def __init__(self, outputs: dict[str, str]) -> None:
        self.outputs = outputs
        self._keys = {}
        self._lock = threading.Lock()
        self._s3 = self.client("s3")

    @classmethod
    def of(cls, instance: Instance) -> Stack:
        """The stack that was deployed to an instance last."""
        return cls(json.loads(instance.outputs_file.read_text()))

    def client(self, service: str) -> Any:
        """A boto3 client for a service."""
        config = Config(max_pool_connections=64, s3={"addressing_style": "path"})
        return client_at(self.outputs, service, config=config)

    def upload(self, upload: Upload) -> None:
        """Sends one PUT. The second upload of a key waits for the first."""
        with self._lock:
            turn = self._keys.setdefault(upload.key, threading.Lock())
        with turn:
            put = self._s3.put_object(Bucket=self.outputs["SourceBucketName"], Key=upload.key, Body=upload.picture)
            upload.version_id, upload.put_at = put["VersionId"], time.time()

    def records(self) -> dict[str, dict[str, Any]]:
        """All records, by key."""
        value_of = TypeDeserializer().deserialize
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=self.outputs["RecordTableName"])
        records = (value_of({"M": item}) for page in pages for item in page["Items"])
        return {record["key"]: record for record in records}

    def rendition_keys(self) -> set[str]:
        """The keys of the objects in the destination bucket."""
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket=self.outputs["DestinationBucketName"])
        return {found["Key"] for page in pages for found in page.get("Contents", ()) if found["Size"] > 0}

    def executions(self) -> Counter[str]:
        """The number of executions by status."""
        pages = self.client("stepfunctions").get_paginator("list_executions")
        pages = pages.paginate(stateMachineArn=self.outputs["StateMachineArn"])
        return Counter(execution["status"] for page in pages for execution in page["executions"])
