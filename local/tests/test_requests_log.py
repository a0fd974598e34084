"""The log has a line for each signed request, with its principal and the call."""

from __future__ import annotations

from clouds import Cloud


def test_a_signed_request_is_logged(deployed: Cloud) -> None:
    deployed.client("dynamodb").list_tables()
    deployed.client("s3").head_bucket(Bucket=deployed.outputs["SourceBucketName"])
    log = deployed.instance.log_file.read_text()
    assert "[requests] root dynamodb ListTables" in log
    assert f"[requests] root s3 HEAD /{deployed.outputs['SourceBucketName']}" in log
    assert "health" not in "".join(line for line in log.splitlines() if "[requests]" in line)
