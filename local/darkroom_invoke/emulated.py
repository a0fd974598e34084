"""Runs a binary for arm64 under user-mode emulation, between a stand-in for the Lambda runtime API and the local cloud.

It has the variables of the deployed function, and the rights of the cloud's root user.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from darkroom_local.layout import LocalCloudError
from darkroom_local.runtime_api import RuntimeApi

from .stack import Stack

EMULATORS = ("qemu-aarch64-static", "qemu-aarch64")
PACKAGES = "qemu-user-static libc6-arm64-cross libgcc-s1-arm64-cross"
LIBRARIES = Path("/usr/aarch64-linux-gnu")
"""Debian's libc6-arm64-cross and libgcc-s1-arm64-cross install the C library here."""


def invoke(stack: Stack, name: str, event: Any, binary: Path) -> tuple[Any, str]:
    """The function's answer, and its log."""
    command = [emulator(), "-L", str(LIBRARIES), str(binary)]
    with RuntimeApi() as api:
        environment = {**api.environment(stack.memory_mb(name)), **stack.environment(name)}
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            answer = api.invoke(event)
        except LocalCloudError as error:
            raise LocalCloudError(f"{_killed(process)}\n{error}") from None
        return answer, _killed(process)


def emulator() -> str:
    """The path of the emulator."""
    found = next((path for name in EMULATORS if (path := shutil.which(name))), None)
    if found is None or not LIBRARIES.exists():
        raise LocalCloudError(f"the emulator for arm64, or its C library, is missing: apt-get install {PACKAGES}")
    return found


def _killed(process: subprocess.Popen[str]) -> str:
    """Kills the process, and returns its output."""
    process.kill()
    return process.communicate()[0]
