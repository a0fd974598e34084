"""A binary for another processor, under user-mode emulation, between the Lambda runtime API and the local cloud.

It has the deployed function's variables, and the rights of the cloud's root user.
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
"""Where Debian's libc6-arm64-cross and libgcc-s1-arm64-cross put the C library."""


def invoke(stack: Stack, name: str, event: Any, binary: Path) -> tuple[Any, str]:
    """Its answer, and what it logged."""
    command = [emulator(), "-L", str(LIBRARIES), str(binary)]
    with RuntimeApi() as api:
        environment = {**api.environment(stack.memory_mb(name)), **stack.environment(name)}
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            answer = api.invoke(event)
        except LocalCloudError as error:
            raise LocalCloudError(f"{_ended(process)}\n{error}") from None
        return answer, _ended(process)


def emulator() -> str:
    """The emulator's path."""
    found = next((path for name in EMULATORS if (path := shutil.which(name))), None)
    if found is None or not LIBRARIES.exists():
        raise LocalCloudError(f"no emulator for arm64, with its C library: apt-get install {PACKAGES}")
    return found


def _ended(process: subprocess.Popen[str]) -> str:
    process.kill()
    return process.communicate()[0]
