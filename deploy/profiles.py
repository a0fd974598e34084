#!/usr/bin/env python3
"""Checks the parameters and the profiles of a deployment to AWS, and packages the profiles; for deploy/stage.sh.

usage: profiles.py check [NAME=VALUE …]     prints the parameters that PROFILES adds; fails if anything is invalid
       profiles.py package                  writes the profiles beside the functions that `sam build` has built
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(REPOSITORY / "local"))

from darkroom_local import cargo, parameters, profiles  # noqa: E402
from darkroom_local.layout import LocalCloudError  # noqa: E402

BUILT = REPOSITORY / ".aws-sam" / "build"


def main() -> int:
    """Runs one of the two steps."""
    step, *words = sys.argv[1:]
    file = os.environ.get("PROFILES", "")
    try:
        given = parameters.parsed(words)
        if not file:
            return 0
        own = profiles.read(file, given.get("DefaultProfile"), _darkroom())
        if step == "package":
            if own:
                own.put_into(BUILT)
            return 0
        added = own.parameters if own else profiles.parameters_of_built_in(given)
        print(" ".join(f"{name}={value}" for name, value in added.items() if name not in given))
    except LocalCloudError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _darkroom() -> Path:
    """Builds the command, which checks profiles by the functions' code, and returns its path."""
    print("building the darkroom command, which checks the profiles", file=sys.stderr)
    command = ["cargo", "build", "--quiet", "--target", cargo.host(), "--bin", "darkroom"]
    subprocess.run(command, cwd=REPOSITORY, check=True)
    return cargo.target_folder() / "debug" / "darkroom"


if __name__ == "__main__":
    sys.exit(main())
