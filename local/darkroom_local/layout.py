"""Paths and ports: of the repository, of an instance of the local cloud, and the variables for AWS tools.

Several instances can run at the same time, each with a folder and a port of its own. They share the two Python
environments. Nothing here creates a file, except `write_private`.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

LOCAL = Path(__file__).resolve().parent.parent
REPOSITORY = LOCAL.parent

DEFAULT_DIR = REPOSITORY / ".local"
DEFAULT_PORT = 4600
DEFAULT_TEMPLATE = REPOSITORY / "template.yaml"
REGION = "us-east-1"
STACK = "darkroom-local"

CLOUD_ENVIRONMENT = DEFAULT_DIR / "cloud"
SAM_ENVIRONMENT = DEFAULT_DIR / "sam"
CROSS_ENVIRONMENT = DEFAULT_DIR / "cross"
DENY_ENVIRONMENT = DEFAULT_DIR / "deny"
LINT_ENVIRONMENT = DEFAULT_DIR / "lint"
PILLOW_ENVIRONMENT = DEFAULT_DIR / "pillow"
UV_ENVIRONMENT = DEFAULT_DIR / "uv"

# uv installs sources only. Python compiles what the server and SAM load once, and keeps the result here.
BYTECODE = {"PYTHONPYCACHEPREFIX": str(DEFAULT_DIR / "pycache"), "PYTHONDONTWRITEBYTECODE": ""}
SCHEMATHESIS_ENVIRONMENT = DEFAULT_DIR / "schemathesis"


class LocalCloudError(Exception):
    """A failure that the user has to act on; its message says how."""


@dataclass(frozen=True)
class Instance:
    """One local cloud: a folder for its state and a port on 127.0.0.1."""

    folder: Path
    port: int

    @property
    def endpoint(self) -> str:
        """The address of every AWS service."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def state_file(self) -> Path:
        """The process id, port and root credentials of the running server; absent when it is down."""
        return self.folder / "server.json"

    @property
    def outputs_file(self) -> Path:
        """The outputs of the deployed stack and the root credentials, for the user's own scripts."""
        return self.folder / "outputs.json"

    def outputs_file_of(self, stack_name: str) -> Path:
        """The outputs of one of several stacks; those of the default stack are in `outputs.json`."""
        return self.outputs_file if stack_name == STACK else self.folder / f"{stack_name}.outputs.json"

    @property
    def log_file(self) -> Path:
        """The output of the server and the functions since the last start."""
        return self.folder / "log"

    @property
    def permissions_file(self) -> Path:
        """The permissions of roles that were used since the last start."""
        return self.folder / "permissions.jsonl"

    @property
    def build_folder(self) -> Path:
        """The result of `sam build`. Deployments to AWS use `.aws-sam` instead."""
        return self.folder / "build"

    @property
    def temporary_folder(self) -> Path:
        """`TMPDIR` of the server and of the functions; removed when the server stops."""
        return self.folder / "tmp"

    def access(self) -> dict[str, str]:
        """The endpoint, region and root credentials of this instance, with the field names of the outputs file."""
        try:
            root = json.loads(self.state_file.read_text())["root"]
        except (OSError, ValueError, KeyError):
            raise LocalCloudError(f"no local cloud runs in {self.folder}: start it first (`make up`)") from None
        return {"Endpoint": self.endpoint, "Region": REGION, **root}

    def client_environment(self) -> dict[str, str]:
        """The variables that direct an AWS tool or SDK to this instance, as its root user."""
        return environment_of(self.access())


def environment_of(access: dict[str, str]) -> dict[str, str]:
    """The variables that direct an AWS tool or SDK to the cloud of these outputs, as its root user."""
    return {
        "AWS_ENDPOINT_URL": access["Endpoint"],
        "AWS_ACCESS_KEY_ID": access["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": access["SecretAccessKey"],
        "AWS_DEFAULT_REGION": access["Region"],
        "AWS_REGION": access["Region"],
    }


def write_private(file: Path, text: str) -> None:
    """Writes a file that only its owner can read. It is renamed into place when it is complete."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
        written.write(text)
    draft.replace(file)
