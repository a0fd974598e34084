"""Prepares the user's own profiles for a deployment: checks them by the functions' code, and packages them.

The file is part of the functions' packages, so that its length is not limited, and no shell or tool changes its quotes.
The parameter `Profiles` contains its digest, so that a function never starts with another file.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .layout import LocalCloudError

BUILT_IN = "built-in"
"""In place of a file name: the profiles that ship with Darkroom."""

READERS = ("ValidateFunction", "NotifyFunction", "ImagesFunction")
"""The functions that read profiles."""

FILE = "profiles.json"


@dataclass(frozen=True)
class OwnProfiles:
    """Valid profiles of the user, as the functions read them."""

    default: str
    text: str

    @property
    def parameters(self) -> dict[str, str]:
        """The template's parameters for them."""
        digest = hashlib.sha256(self.text.encode()).hexdigest()[:10]
        return {"Profiles": f"packaged:{digest}", "DefaultProfile": self.default}

    def put_into(self, build_folder: Path) -> None:
        """Writes the file beside the program of each function that reads it."""
        for function in READERS:
            (build_folder / function / FILE).write_text(self.text, encoding="utf-8")


def read(file: str, default: str | None, darkroom: Path) -> OwnProfiles | None:
    """Reads and checks the profiles of a file by the `darkroom` command; None for the built-in ones."""
    if file == BUILT_IN:
        return None
    wanted = ["--default", default] if default else []
    done = subprocess.run(
        [str(darkroom), "profiles", file, "--json", *wanted], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise LocalCloudError(done.stderr.strip().removeprefix("darkroom: "))
    answer = json.loads(done.stdout)
    return OwnProfiles(answer["default"], json.dumps(answer["profiles"], separators=(",", ":")))


def parameters_of_built_in(given: dict[str, str]) -> dict[str, str]:
    """The parameters that restore the built-in profiles: without them, SAM keeps the values of the last deployment."""
    return {"Profiles": BUILT_IN, "DefaultProfile": given.get("DefaultProfile", "web")}
