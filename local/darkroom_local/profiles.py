"""Profiles of one's own on their way into a deployment: checked by the functions' code, packaged, named by digest.

The file travels in the functions' packages, so that it may be as long as it likes and no shell or tool can spoil its
quotes; the parameter `Profiles` names it, so that a function never starts with another.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .layout import LocalCloudError

BUILT_IN = "built-in"
"""In place of a file: the profiles that ship with Darkroom."""

READERS = ("ValidateFunction", "NotifyFunction", "ImagesFunction")
"""The functions that read profiles."""

FILE = "profiles.json"


@dataclass(frozen=True)
class OwnProfiles:
    """Checked profiles, as the functions read them."""

    default: str
    text: str

    @property
    def parameters(self) -> dict[str, str]:
        """What the template has to be told of them."""
        digest = hashlib.sha256(self.text.encode()).hexdigest()[:10]
        return {"Profiles": f"packaged:{digest}", "DefaultProfile": self.default}

    def put_into(self, build_folder: Path) -> None:
        """Puts the file beside the program of each function that reads it."""
        for function in READERS:
            (build_folder / function / FILE).write_text(self.text, encoding="utf-8")


def read(file: str, default: str | None, darkroom: Path) -> OwnProfiles | None:
    """The profiles of a file, checked by the `darkroom` command; `None` for the built-in ones."""
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
    """What takes the built-in profiles back: SAM keeps what the last deployment said."""
    return {"Profiles": BUILT_IN, "DefaultProfile": given.get("DefaultProfile", "web")}
