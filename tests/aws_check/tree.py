"""A copy of the repository, in which a fix can be undone and a command can run."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
# Installed tools, which the copies share. Nothing there is changed.
SHARED = (".local/sam", ".local/cloud", ".local/aws-check", ".local/node", ".local/schemathesis")
TIMEOUT_SECONDS = 1200


class DoesNotApply(Exception):
    """The text of the fix was not found: the list of fixes is out of date."""


@dataclass(frozen=True)
class Tree:
    """A copy of the files of the repository."""

    root: Path

    @classmethod
    def copied(cls, to: Path) -> Tree:
        """Copies the current files, committed or not."""
        listed = _output(["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"], REPOSITORY)
        for name in filter(None, listed.split("\0")):
            if (source := REPOSITORY / name).is_file():
                (to / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, to / name)
        for name in SHARED:
            # A tool that is installed at its first use is then installed for all copies.
            (REPOSITORY / name).mkdir(parents=True, exist_ok=True)
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            (to / name).symlink_to((REPOSITORY / name).resolve())
        return cls(to)

    def sub(self, file: str, pattern: str, replacement: str) -> None:
        """Replaces every match of a pattern; there must be at least one."""
        path = self.root / file
        text, found = re.subn(pattern, replacement, path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        if not found:
            raise DoesNotApply(f"{file}: nothing matches {pattern}")
        path.write_text(text, encoding="utf-8")

    def change(self, file: str, change: Callable[[Any], None]) -> None:
        """Changes a YAML file of plain values; the result must differ."""
        path = self.root / file
        before = yaml.safe_load(path.read_text(encoding="utf-8"))
        after = yaml.safe_load(path.read_text(encoding="utf-8"))
        try:
            change(after)
        except (KeyError, IndexError, ValueError) as missing:
            raise DoesNotApply(f"{file}: {missing!r}") from missing
        if after == before:
            raise DoesNotApply(f"{file}: nothing changed")
        path.write_text(yaml.safe_dump(after, sort_keys=False, allow_unicode=True), encoding="utf-8")

    def faults(self, command: list[str]) -> str:
        """The output of a command if it fails; an empty string if it succeeds."""
        environment = os.environ | {"PYTHONPATH": str(self.root / "local"), "AWS_DEFAULT_REGION": "eu-central-1"}
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False,
                              timeout=TIMEOUT_SECONDS)
        return (done.stderr + done.stdout) if done.returncode else ""


def _output(command: list[str], folder: Path) -> str:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout
