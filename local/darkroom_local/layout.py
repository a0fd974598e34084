"""Where things are: the repository, one instance of the local cloud, and what they say to AWS tools.

Several instances can run side by side, each with a folder and a port of its own; they share the two
Python environments. Refuses nothing and creates nothing.
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

# uv installs sources only. What the server and SAM load is compiled once and kept here, outside of the repository.
BYTECODE = {"PYTHONPYCACHEPREFIX": str(DEFAULT_DIR / "pycache"), "PYTHONDONTWRITEBYTECODE": ""}
SCHEMATHESIS_ENVIRONMENT = DEFAULT_DIR / "schemathesis"


class LocalCloudError(Exception):
    """Something that the user has to act on; its message says what."""


@dataclass(frozen=True)
class Instance:
    """One local cloud: a folder for its state and a port on 127.0.0.1."""

    folder: Path
    port: int

    @property
    def endpoint(self) -> str:
        """The address that every AWS service answers at."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def state_file(self) -> Path:
        """Process id, port and root credentials of the running server; absent when it is down."""
        return self.folder / "server.json"

    @property
    def outputs_file(self) -> Path:
        """Outputs of the deployed stack and the root credentials, for people's own scripts."""
        return self.folder / "outputs.json"

    def outputs_file_of(self, stack_name: str) -> Path:
        """Outputs of one stack, where several are deployed: the usual one's are `outputs.json`."""
        return self.outputs_file if stack_name == STACK else self.folder / f"{stack_name}.outputs.json"

    @property
    def log_file(self) -> Path:
        """What the server and the functions printed since the last start."""
        return self.folder / "log"

    @property
    def permissions_file(self) -> Path:
        """Which permissions of roles were used since the last start."""
        return self.folder / "permissions.jsonl"

    @property
    def build_folder(self) -> Path:
        """What `sam build` makes; apart from `.aws-sam`, which belongs to deployments to AWS."""
        return self.folder / "build"

    @property
    def temporary_folder(self) -> Path:
        """`TMPDIR` of the server and of the functions; gone when it is stopped."""
        return self.folder / "tmp"

    def access(self) -> dict[str, str]:
        """Where this instance answers, and its root credentials, by the names that the outputs file gives them."""
        try:
            root = json.loads(self.state_file.read_text())["root"]
        except (OSError, ValueError, KeyError):
            raise LocalCloudError(f"no local cloud runs in {self.folder}: start it first (`make up`)") from None
        return {"Endpoint": self.endpoint, "Region": REGION, **root}

    def client_environment(self) -> dict[str, str]:
        """The variables that make an AWS tool or SDK speak to this instance as its root user."""
        return environment_of(self.access())


def environment_of(access: dict[str, str]) -> dict[str, str]:
    """The variables that make an AWS tool or SDK speak to the cloud of these outputs as its root user."""
    return {
        "AWS_ENDPOINT_URL": access["Endpoint"],
        "AWS_ACCESS_KEY_ID": access["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": access["SecretAccessKey"],
        "AWS_DEFAULT_REGION": access["Region"],
        "AWS_REGION": access["Region"],
    }


def write_private(file: Path, text: str) -> None:
    """Writes a file that only its owner can read; it appears whole."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
        written.write(text)
    draft.replace(file)
