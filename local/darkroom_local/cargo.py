"""Release builds for this machine."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from .layout import REPOSITORY, LocalCloudError
from .phases import run


def release(*targets: str) -> Path:
    """Builds, and says where it lies. `targets` are cargo's own words: `--package imaging --example render`.

    For the host by name, as the command line and the functions are built: all share what they depend on.
    """
    said = subprocess.run(["rustc", "-vV"], capture_output=True, text=True, check=True).stdout
    host = re.search(r"^host: (\S+)$", said, re.MULTILINE)
    if host is None:
        raise LocalCloudError(f"rustc -vV names no host:\n{said}")
    run(["cargo", "build", "--quiet", "--release", "--target", host[1], *targets], cwd=REPOSITORY, env=os.environ)
    return Path(os.environ.get("CARGO_TARGET_DIR", REPOSITORY / "target")) / host[1] / "release"
