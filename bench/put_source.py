#!/usr/bin/env python3
"""Uploads a file to a bucket of the local cloud, and prints the source and destination of a resize job for it.

usage: put_source.py FILE. Runs in the local cloud's Python, which has boto3, with the cloud's variables.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import boto3


def main() -> None:
    """Uploads, and prints one JSON object."""
    file = Path(sys.argv[1])
    s3 = boto3.client("s3")
    for bucket in ("sources", "renditions"):
        s3.create_bucket(Bucket=bucket)
    s3.upload_file(str(file), "sources", file.name)
    etag = s3.head_object(Bucket="sources", Key=file.name)["ETag"].strip('"')
    source = {"bucket": "sources", "key": file.name, "etag": etag}
    print(json.dumps({"source": source, "destination": {"bucket": "renditions", "key": f"{file.name}/bench.jpg"}}))


if __name__ == "__main__":
    main()
