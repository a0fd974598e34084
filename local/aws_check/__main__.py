"""Runs every check, or the named ones, and prints a table.

The exit code is 1 if a check found a problem, or if CI=true and npm is missing, so that some checks could not run.
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from darkroom_local.tables import table

from . import checks
from .npm import NpmIsMissing


def main() -> int:
    """Prints problems to the standard error, and the table to the standard output."""
    parser = argparse.ArgumentParser(prog="aws_check", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="CHECK", help=", ".join(it.name for it in checks.ALL))
    parser.add_argument("--stop", action="store_true", help="stop after the first check that finds something")
    options = parser.parse_args()
    if unknown := set(options.names) - {it.name for it in checks.ALL}:
        parser.error(f"no such check: {', '.join(sorted(unknown))}")
    rows, problems, skipped = [], [], []
    for check in checks.ALL:
        if options.names and check.name not in options.names or options.stop and problems:
            continue
        started = time.monotonic()
        try:
            findings = check.run()
        except NpmIsMissing:
            skipped.append(check.name)
            rows.append((check.name, check.judge, "nothing", "skipped", "0"))
            continue
        problems += [f"{check.name}: {it}" for it in findings.problems]
        found = f"{len(findings.problems)} problems" if findings.problems else "nothing"
        rows.append((check.name, check.judge, findings.looked_at, found, f"{time.monotonic() - started:.0f}"))
    for problem in problems:
        print(problem, file=sys.stderr)
    print(table(("check", "by", "looked at", "found", "s"), rows, right=[4]))
    if skipped:
        print(f"npm is missing, so these were skipped: {', '.join(skipped)}", file=sys.stderr)
    return 1 if problems or skipped and os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
