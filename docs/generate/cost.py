"""Writes docs/cost.md from docs/cost/prices.json, docs/cost/measured.json and docs/performance.md: `make docs`.

The model: a function is billed for its processor time and for its waits. The processor time is longer if the function
has less than a whole processor. Requests, transitions and bytes are counted, not modelled.
"""

from __future__ import annotations

import json
import math
import re
import textwrap
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "cost.md"
PRICES = json.loads((REPOSITORY / "docs" / "cost" / "prices.json").read_text(encoding="utf-8"))
USD = PRICES["usd"]
SMALL_MB = 256
"""The memory of validate and notify."""
DEFAULT_MB = 1769
MILLION = 1_000_000

Entry = dict[str, Any]


def current() -> str:
    """The page, generated from the repository's files."""
    measured = json.loads((REPOSITORY / "docs" / "cost" / "measured.json").read_text(encoding="utf-8"))
    template = (REPOSITORY / "docs" / "generate" / "cost.md").read_text(encoding="utf-8")
    bench = (REPOSITORY / "docs" / "performance.md").read_text(encoding="utf-8")
    web = next(entry for entry in measured if (entry["profile"], entry["source"]) == ("web", "12 MP"))
    page = template.format(
        as_of=PRICES["as_of"],
        region=PRICES["region"],
        source=PRICES["source"],
        waits=", ".join(f"{name} {ms} ms" for name, ms in PRICES["assumed_waits_ms"].items()),
        pictures=_pictures(measured),
        parts=_parts(web),
        memory=_memory(measured),
        one_lambda=_one_lambda(web),
        sharp=_sharp(bench),
        workflow=_workflow(measured),
        break_even=_break_even(web),
    )
    return "\n\n".join(_wrapped(paragraph) for paragraph in page.rstrip("\n").split("\n\n")) + "\n"


def picture(entry: Entry, workflow: str = "STANDARD", memory_mb: int = DEFAULT_MB) -> dict[str, float]:
    """US$ for one million such pictures, by what is billed."""
    return {
        "functions": _functions(entry, memory_mb),
        "workflow": _standard(entry) if workflow == "STANDARD" else _express(entry, memory_mb),
        "S3 requests": _s3(entry),
        "record": _record(entry),
        # S3's event, and Darkroom's.
        "events": 2 * USD["events_million"],
        "logs": _logs(entry),
    }


def _functions(entry: Entry, memory_mb: int) -> float:
    seconds = [(ms / 1000, memory_mb) for ms in _resize_ms(entry, memory_mb)]
    seconds += [(ms / 1000, SMALL_MB) for ms in _small_ms(entry)]
    gb_s = sum(s * mb / 1024 for s, mb in seconds)
    return gb_s * USD["lambda_gb_s"]["arm64"] * MILLION + len(seconds) * USD["lambda_requests_million"]


def _billed_ms(cpu_ms: float, memory_mb: int, waits_ms: float) -> int:
    return math.ceil(cpu_ms / min(1, memory_mb / PRICES["vcpu_mb"]) + waits_ms)


def _resize_ms(entry: Entry, memory_mb: int) -> list[int]:
    waits = 2 * PRICES["assumed_waits_ms"]["s3"]
    return [_billed_ms(ms, memory_mb, waits) for ms in entry["cpu_ms"]["resize"].values()]


def _small_ms(entry: Entry) -> list[int]:
    waits, cpu = PRICES["assumed_waits_ms"], entry["cpu_ms"]
    return [
        _billed_ms(cpu["validate"], SMALL_MB, waits["s3"] + waits["dynamodb"]),
        _billed_ms(cpu["notify"], SMALL_MB, waits["dynamodb"] + waits["events"]),
    ]


def _standard(entry: Entry) -> float:
    return entry["transitions"] * USD["states_standard_transitions_million"]


def _express(entry: Entry, memory_mb: int) -> float:
    took = sum(_small_ms(entry)) + max(_resize_ms(entry, memory_mb))
    seconds = math.ceil(took / PRICES["express_chunk_ms"]) * PRICES["express_chunk_ms"] / 1000
    gb_s = seconds * PRICES["express_chunk_mb"] / 1024
    return USD["states_express_requests_million"] + gb_s * USD["states_express_gb_s"] * MILLION


def _s3(entry: Entry) -> float:
    requests = entry["requests"]
    # The upload itself is a PUT, too.
    puts = 1 + requests["s3 PUT"] + requests.get("s3 POST", 0)
    return puts * USD["s3_put_class_million"] + requests["s3 GET"] * USD["s3_get_class_million"]


def _record(entry: Entry) -> float:
    # A write takes one unit per KB in the table, and two in the index: one removes the old status, one adds the new.
    units = math.ceil(entry["record_bytes"] / 1024) * 3
    return entry["requests"]["dynamodb UpdateItem"] * units * USD["dynamodb_write_units_million"]


def _logs(entry: Entry) -> float:
    lambdas = (2 + entry["renditions"]) * PRICES["assumed_log_bytes_per_invocation_by_lambda"]
    return (entry["history_bytes"] + lambdas) / 1e9 * USD["logs_gb"] * MILLION


def _pictures(measured: list[Entry]) -> str:
    rows = []
    for entry in measured:
        standard, express = (sum(picture(entry, kind).values()) for kind in ("STANDARD", "EXPRESS"))
        rows.append([
            entry["profile"], entry["source"], str(entry["renditions"]), str(entry["transitions"]),
            f"{standard / 1000:.3f}", f"{standard:,.0f}", f"{express / 1000:.3f}", f"{express:,.0f}",
        ])  # fmt: skip
    head = ["profile", "source", "renditions", "transitions"]
    return _table([*head, "STANDARD: 1,000", "1,000,000", "EXPRESS: 1,000", "1,000,000"], rows)


def _parts(entry: Entry) -> str:
    standard, express = picture(entry), picture(entry, "EXPRESS")
    rows = [[name, f"{usd:,.2f}", f"{express[name]:,.2f}"] for name, usd in standard.items()]
    return _table(["", "STANDARD", "EXPRESS"], rows)


def _memory(measured: list[Entry]) -> str:
    rows = []
    for mb in (512, 1024, DEFAULT_MB, 3008):
        row = [f"{mb:,}"]
        for source in ("2 MP", "12 MP", "24 MP"):
            entry = next(it for it in measured if (it["profile"], it["source"]) == ("web", source))
            row += [f"{max(_resize_ms(entry, mb)):,}", f"{_functions(entry, mb):,.2f}"]
        rows.append(row)
    return _table(["MB", "2 MP: ms", "US$", "12 MP: ms", "US$", "24 MP: ms", "US$"], rows)


def _one_lambda(entry: Entry) -> str:
    ours = {name: usd / 100 for name, usd in picture(entry).items()}
    ten_thousand = 10_000 / MILLION
    api = USD["api_requests_million"] * ten_thousand
    rest = ours["workflow"] + ours["record"] + ours["events"] + ours["logs"]
    rows = [
        ["functions", "0.40", f"{ours['functions']:.2f}"],
        ["S3 requests", "0.25", f"{ours['S3 requests']:.2f}"],
        ["API", "0.03", f"{api:.2f}"],
        ["CDN, 10 GB", "0.85", f"{10 * USD['cdn_gb']:.2f}"],
        ["workflow, record, events, logs", "none", f"{rest:.2f}"],
        ["all", "1.53", f"{sum(ours.values()) + api + 10 * USD['cdn_gb']:.2f}"],
    ]
    return _table(["10,000 pictures, US$", "one Lambda", "Darkroom"], rows)


def _sharp(bench: str) -> str:
    rows = []
    for work in ("12 MP JPEG → 800×600, warm", "12 MP PNG → 800×600, warm", "12 MP WebP → 800×600, warm"):
        times = [float(ms) for ms in re.search(rf"\| {re.escape(work)}: CPU .*?\((\S+) to (\S+) ms\)", bench).groups()]
        waits = 2 * PRICES["assumed_waits_ms"]["s3"]
        usd = [
            _billed_ms(ms, DEFAULT_MB, waits) / 1000 * DEFAULT_MB / 1024 * USD["lambda_gb_s"]["arm64"] * MILLION
            for ms in times
        ]
        rows.append([work, *(f"{ms:.0f}" for ms in times), *(f"{it:.2f}" for it in usd)])
    return _table(["one rendition", "Darkroom: ms", "sharp: ms", "Darkroom: US$ a million", "sharp: US$ a million"], rows)


def _workflow(measured: list[Entry]) -> str:
    rows = []
    for entry in (it for it in measured if it["source"] == "12 MP"):
        standard, express = _standard(entry), _express(entry, DEFAULT_MB)
        rows.append([entry["profile"], f"{standard:.2f}", f"{express:.2f}", f"{standard - express:.2f}"])
    return _table(["12 MP, US$ a million", "STANDARD", "EXPRESS", "saved"], rows)


def _break_even(entry: Entry) -> str:
    saved = (_standard(entry) - _express(entry, DEFAULT_MB)) / MILLION
    free = 4000 // entry["transitions"]
    return (
        f"The first 4,000 transitions a month are free: {free:,} pictures of the profile `web`. Beyond that, `EXPRESS` "
        f"saves US$ {saved * 1000:.2f} for each 1,000 pictures. That is US$ 10 a month at {free + 10 / saved:,.0f} "
        f"pictures, and US$ 100 at {free + 100 / saved:,.0f}."
    )


def _wrapped(paragraph: str) -> str:
    return paragraph if paragraph.startswith(("|", "#")) else textwrap.fill(" ".join(paragraph.split()), 120)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(current(), encoding="utf-8")
