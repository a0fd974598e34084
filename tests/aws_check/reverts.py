"""Undoes each fix for AWS in a copy of the repository, one at a time, and shows the check or test that detects it.

    reverts.py              every fix
    reverts.py alias 413    the fixes whose names contain one of these words

`make aws-check` runs first, then the tests of the fix. The exit code is 1 if aws-check fails on the unchanged
repository, if a fix cannot be undone, or if nothing detects that it was undone.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from fixes import FIXES, Fix
from tree import REPOSITORY, DoesNotApply, Tree

AWS_CHECK = [str(REPOSITORY / ".local/sam/bin/python"), "-m", "aws_check", "--stop"]


def main(words: list[str]) -> int:
    """Prints a line for each fix."""
    fixes = [fix for fix in FIXES if not words or any(word in fix.name for word in words)]
    width = max(len(fix.name) for fix in fixes)
    with tempfile.TemporaryDirectory() as folder:
        if faults := Tree.copied(Path(folder)).faults(AWS_CHECK):
            print(f"aws-check fails on the unchanged repository:\n{faults}", file=sys.stderr)
            return 1
    missed = 0
    for fix in fixes:
        by = detected_by(fix)
        missed += by is None
        print(f"{fix.name.ljust(width)}  {by or 'NOT DETECTED'}", flush=True)
    return 1 if missed else 0


def detected_by(fix: Fix) -> str | None:
    """The check or the test that detects that the fix was undone, with the first line of its output."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree.copied(Path(folder))
        try:
            fix.undo(tree)
        except DoesNotApply as reason:
            print(f"{fix.name}: {reason}", file=sys.stderr)
            return None
        if faults := tree.faults(AWS_CHECK):
            return f"aws-check, {faults.splitlines()[0]}"
        for command in fix.tests:
            if faults := tree.faults(list(command)):
                failed = [line for line in faults.splitlines() if line.startswith(("FAILED", "test "))]
                return failed[0] if failed else f"{' '.join(command)}"
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
