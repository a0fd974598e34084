"""Undoes each fix for AWS in a copy of the repository, one at a time, and shows what finds that.

    reverts.py              every fix
    reverts.py alias 413    those whose names have one of these words

First `make aws-check` is asked, then the fix's own tests: of the template, of the crates, or on the local cloud. Exit
code 1: something finds a fault in the repository as it is, a fix is not there to be undone, or nothing misses it.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from fixes import FIXES, Fix
from tree import REPOSITORY, DoesNotApply, Tree

AWS_CHECK = [str(REPOSITORY / ".local/sam/bin/python"), "-m", "aws_check", "--stop"]


def main(words: list[str]) -> int:
    """Prints a line as soon as it is known."""
    fixes = [fix for fix in FIXES if not words or any(word in fix.name for word in words)]
    width = max(len(fix.name) for fix in fixes)
    with tempfile.TemporaryDirectory() as folder:
        if faults := Tree.copied(Path(folder)).faults(AWS_CHECK):
            print(f"aws-check finds fault with the repository as it is:\n{faults}", file=sys.stderr)
            return 1
    missed = 0
    for fix in fixes:
        by = caught_by(fix)
        missed += by is None
        print(f"{fix.name.ljust(width)}  {by or 'NOTHING FOUND IT'}", flush=True)
    return 1 if missed else 0


def caught_by(fix: Fix) -> str | None:
    """The check or the test that finds that it was undone, with the first line of what it says."""
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
