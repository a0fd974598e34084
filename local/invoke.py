#!/usr/bin/env python3
"""Invokes one function with one event, on the local cloud; `--help` shows how."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from darkroom_invoke import container, deployed, emulated
from darkroom_invoke.event import for_stack, function_of
from darkroom_invoke.stack import FUNCTIONS, Stack
from darkroom_local.layout import DEFAULT_DIR, LocalCloudError

EXAMPLES = """\
examples:
  .local/cloud/bin/python local/invoke.py events/resize.job.json
  .local/cloud/bin/python local/invoke.py --container events/images.get.json
  .local/cloud/bin/python local/invoke.py --arm64 .local/arm64 events/validate.upload.json
"""


def main() -> int:
    """Prints the answer, and the log on the standard error. The exit code is 1 if the function failed."""
    options = _parser().parse_args()
    try:
        stack = Stack.find(options.outputs)
        name = options.function or function_of(options.event)
        stack.function(name)
        event = for_stack(options.event, stack)
        if options.container:
            answer, log = container.invoke(stack, name, event, options.outputs.parent / "build")
        elif options.arm64:
            binary = options.arm64 / f"{name.capitalize()}Function" / "bootstrap"
            answer, log = emulated.invoke(stack, name, event, binary)
        else:
            answer, log = deployed.invoke(stack, name, event)
    except (LocalCloudError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(log.rstrip(), file=sys.stderr)
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="local/invoke.py",
        description="Invokes one function with one event, on the local cloud.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("event", type=Path, help="a file of events/, or another file of the same shape")
    parser.add_argument("--function", choices=FUNCTIONS, help="default: the first word of the event's file name")
    parser.add_argument(
        "--outputs", type=Path, default=DEFAULT_DIR / "outputs.json",
        help="the outputs that the deployment wrote (default: .local/outputs.json)",
    )  # fmt: skip
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument("--container", action="store_true", help="run `sam local invoke`, which needs a Docker engine")
    ways.add_argument("--arm64", type=Path, metavar="FOLDER", help="run the build of `make build-arm64` under emulation")
    return parser


if __name__ == "__main__":
    sys.exit(main())
