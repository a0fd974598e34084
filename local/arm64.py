#!/usr/bin/env python3
"""Builds the four functions as a deployment to arm64 does, and checks the binaries: `make build-arm64`."""

from __future__ import annotations

import os
import sys

from darkroom_local import binaries, environments
from darkroom_local.environments import tool
from darkroom_local.layout import (
    CROSS_ENVIRONMENT,
    DEFAULT_DIR,
    DEFAULT_TEMPLATE,
    REGION,
    REPOSITORY,
    SAM_ENVIRONMENT,
    LocalCloudError,
)
from darkroom_local.phases import phase, run

BUILD_FOLDER = DEFAULT_DIR / "arm64"
TARGET = "aarch64-unknown-linux-gnu"


def main() -> int:
    """Builds, and prints a line for each binary. The exit code is 1 if one cannot run on Lambda."""
    try:
        environments.set_up()
        environments.set_up(*environments.CROSS_BUILDS)
        run(["rustup", "target", "add", TARGET], cwd=REPOSITORY, env=os.environ)
        with phase(f"building the functions for {TARGET}"):
            run(_command(), cwd=REPOSITORY, env=_environment())
        for path in sorted(BUILD_FOLDER.glob("*/bootstrap")):
            print(f"{path.parent.name}: {binaries.inspect(path)}")
    except LocalCloudError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    return 0


def _command() -> list[str]:
    return [
        tool(SAM_ENVIRONMENT, "sam"), "build",
        "--template-file", str(DEFAULT_TEMPLATE),
        "--build-dir", str(BUILD_FOLDER),
        "--parameter-overrides", "Architecture=arm64",
        "--config-env", "local",
    ]  # fmt: skip


def _environment() -> dict[str, str]:
    path = [str(CROSS_ENVIRONMENT / "bin"), str(SAM_ENVIRONMENT / "bin"), os.environ.get("PATH", os.defpath)]
    return {**os.environ, "PATH": os.pathsep.join(path), "AWS_DEFAULT_REGION": REGION, "SAM_CLI_TELEMETRY": "0"}


if __name__ == "__main__":
    sys.exit(main())
