#!/usr/bin/env python3
"""Measures the processor time, requests and bytes of pictures, and writes docs/cost/measured.json: `make cost`.

usage: cost.py OUTPUTS BUILD PHOTOS. Runs in the local cloud's Python, with a deployed stack that nothing else uses. The
deployed pipeline processes each picture once, and the requests are counted in the cloud's log. Then each function
receives the same events again, warm, from a stand-in for the Lambda runtime API, and the kernel measures its processor
time.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "local"))

from darkroom_bench.cost import Functions, measure_picture
from darkroom_invoke.stack import Stack

PAGE = Path(__file__).resolve().parents[1] / "docs" / "cost" / "measured.json"
PROFILES = ("web", "proxies", "variants", "widths")
SOURCES = {"2 MP": "j2.jpg", "12 MP": "j12.jpg", "24 MP": "j24.jpg"}


def main() -> None:
    """Writes an entry for each profile and source."""
    outputs, build, photos = map(Path, sys.argv[1:4])
    stack = Stack.find(outputs)
    measured = []
    for profile in PROFILES:
        for source, file in SOURCES.items():
            key = f"{profile}/cost-{os.getpid()}/{file}"
            picture = measure_picture(stack, outputs.parent / "log", key, photos / file)
            with Functions(stack, build) as functions:
                entry = {"profile": profile, "source": source, **picture.facts, **functions.times(picture)}
            print(json.dumps(entry), file=sys.stderr)
            measured.append(entry)
    lines = ",\n  ".join(json.dumps(entry) for entry in measured)
    PAGE.write_text(f"[\n  {lines}\n]\n")


if __name__ == "__main__":
    main()
