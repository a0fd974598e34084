"""Runs `darkroom doctor` on a stack of the local cloud, and lists everything that a run could leave there."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from darkroom_local import cargo, layout
from darkroom_local.clients import client_at

Outputs = dict[str, str]
WITHIN_S = 300


@dataclass(frozen=True)
class DoctorReport:
    """The exit code and the output of the command."""

    code: int
    lines: list[dict[str, Any]]
    text: str

    @property
    def failed(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line.get("result") == "failed"]

    def line(self, check: str) -> dict[str, Any]:
        return next(line for line in self.lines if line.get("check") == check)


def run_doctor(outputs: Outputs, *options: str, **environment: str) -> DoctorReport:
    """Runs the command with `--json`."""
    done = subprocess.run(
        [*command(outputs), "--json", *options],
        env=environment_of(outputs, **environment),
        capture_output=True, text=True, timeout=WITHIN_S, check=False,
    )  # fmt: skip
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return DoctorReport(done.returncode, lines, done.stdout + done.stderr)


def command(outputs: Outputs) -> list[str]:
    """The command with the name of a stack, as on AWS, so that it reads CloudFormation and no outputs file."""
    return [str(binary()), "doctor", "--stack", outputs["StackName"]]


def environment_of(outputs: Outputs, **more: str) -> dict[str, str]:
    """The environment of the command, without the user's own AWS settings."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "DARKROOM_"))}
    return {**mine, **layout.environment_of(outputs), **more}


def binary() -> Path:
    """The path of the command, which `local/cloud.py prepare` has compiled."""
    return cargo.target_folder() / "debug" / "darkroom"


def leftovers(outputs: Outputs) -> dict[str, Any]:
    """Everything that a run could leave in the stack. It must be the same before and after a run."""

    def client(service: str) -> Any:
        return client_at(outputs, service)

    s3 = client("s3")
    versions = s3.list_object_versions(Bucket=outputs["SourceBucketName"])
    renditions = s3.list_objects_v2(Bucket=outputs["DestinationBucketName"]).get("Contents", [])
    pool = outputs.get("UserPoolId")
    users = client("cognito-idp").list_users(UserPoolId=pool)["Users"] if pool else []
    found = {
        "versions": [(it["Key"], it["VersionId"]) for it in versions.get("Versions", [])],
        "markers": [it["Key"] for it in versions.get("DeleteMarkers", [])],
        "renditions": [it["Key"] for it in renditions],
        "rules": [it["Name"] for it in client("events").list_rules(NamePrefix="doctor-")["Rules"]],
        "queues": client("sqs").list_queues(QueueNamePrefix="doctor-").get("QueueUrls", []),
        "users": [it["Username"] for it in users],
    }
    tables = client("dynamodb")
    if outputs["RecordTableName"] in tables.list_tables()["TableNames"]:
        found["records"] = [it["key"]["S"] for it in tables.scan(TableName=outputs["RecordTableName"])["Items"]]
    return found
