"""Draws the way of a picture through AWS into docs/assets/architecture.svg: `make docs`.

BOXES and ARROWS are the description; a test holds each box's resources to the template.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PICTURE = REPOSITORY / "docs" / "assets" / "architecture.svg"


@dataclass(frozen=True)
class Box:
    """Something that a picture, or word of it, passes."""

    column: int
    row: int
    kind: str
    lines: tuple[str, ...]
    resources: tuple[str, ...] = ()
    """Their logical ids in the template; nothing if it isn't part of the stack."""


BOXES = {
    "client": Box(0, 0, "outside", ("your clients",)),
    "writer": Box(0, 1, "outside", ("any S3 writer",)),
    "api": Box(1, 0, "way", ("HTTP API", "API Gateway"), ("Api",)),
    "source": Box(1, 1, "store", ("source bucket", "S3, versioned"), ("SourceBucket",)),
    "dead": Box(1, 2, "store", ("dead letters", "SQS"), ("DeadLetterQueue",)),
    "images": Box(2, 0, "function", ("images", "function"), ("ImagesFunction",)),
    "rule": Box(2, 1, "way", ("upload arrived", "EventBridge rule"), ("UploadArrived",)),
    "intake": Box(2, 2, "optional", ("intake", "SQS queue and pipe"), ("IntakeQueue", "IntakePipe")),
    "machine": Box(3, 1, "way", ("image pipeline", "Step Functions"), ("ImagePipeline",)),
    "failed": Box(3, 2, "way", ("execution failed", "EventBridge rule"), ("NotifyFunctionExecutionFailed",)),
    "validate": Box(4, 0, "function", ("validate", "function"), ("ValidateFunction",)),
    "notify": Box(4, 1, "function", ("notify", "function"), ("NotifyFunction",)),
    "resize": Box(4, 2, "function", ("resize", "one per rendition"), ("ResizeFunction",)),
    "record": Box(5, 0, "store", ("records", "DynamoDB"), ("RecordTable",)),
    "bus": Box(5, 1, "outside", ("event bus", "EventBridge")),
    "destination": Box(5, 2, "store", ("destination bucket", "S3"), ("DestinationBucket",)),
    "subscriber": Box(6, 1, "outside", ("your systems",)),
    "cdn": Box(6, 2, "optional", ("CDN", "CloudFront"), ("Distribution",)),
    "viewer": Box(6, 3, "outside", ("viewers",)),
    "watching": Box(3, 3, "optional", ("dashboard, alarms", "CloudWatch, SNS"), ("Dashboard", "AlarmTopic")),
}

ARROWS = [
    ("client", "api", ""),
    ("client", "source", "presigned PUT"),
    ("writer", "source", ""),
    ("api", "source", "bytes"),
    ("api", "images", ""),
    ("images", "record", "shows, lists, removes"),
    ("source", "rule", "Object Created"),
    ("rule", "machine", ""),
    ("rule", "intake", ""),
    ("intake", "machine", ""),
    ("rule", "dead", "undeliverable"),
    ("machine", "validate", ""),
    ("machine", "resize", ""),
    ("machine", "notify", ""),
    ("machine", "failed", "red"),
    ("failed", "notify", ""),
    ("validate", "record", "opens"),
    ("notify", "record", "closes"),
    ("notify", "bus", "publishes"),
    ("resize", "destination", "renditions"),
    ("bus", "subscriber", ""),
    ("destination", "cdn", ""),
    ("cdn", "viewer", ""),
]

WIDTH, HEIGHT = 150, 52
COLUMN, ROW = 250, 112
MARGIN, ABOVE = 20, 56

HEAD = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"
     role="img" aria-label="The way of a picture through AWS" font-family="system-ui, sans-serif" font-size="14">
<style>
  .box {{ fill: #fff; stroke: #3b5bdb; stroke-width: 1.5 }}
  .function {{ fill: #fff4e6; stroke: #e8590c }}
  .store {{ fill: #ebfbee; stroke: #2b8a3e }}
  .optional {{ stroke-dasharray: 5 3 }}
  .outside {{ fill: #f1f3f5; stroke: #868e96 }}
  .arrow {{ fill: none; stroke: #495057; stroke-width: 1.5; marker-end: url(#head) }}
  text {{ fill: #212529; text-anchor: middle }}
  .what {{ fill: #495057; font-size: 12px }}
  .label {{ fill: #495057; font-size: 12px; paint-order: stroke; stroke: #fff; stroke-width: 4px }}
</style>
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">
  <path d="M0 0 8 4 0 8z" fill="#495057"/></marker></defs>
<rect width="100%" height="100%" fill="#fff"/>
"""


def current() -> str:
    """The picture as the description makes it."""
    width = 2 * MARGIN + max(box.column for box in BOXES.values()) * COLUMN + WIDTH
    height = MARGIN + ABOVE + max(box.row for box in BOXES.values()) * ROW + HEIGHT
    arrows = [_arrow(BOXES[start], BOXES[end], label) for start, end, label in ARROWS]
    return "".join([HEAD.format(width=width, height=height), *arrows, *map(_box, BOXES.values()), "</svg>\n"])


def _corner(box: Box) -> tuple[int, int]:
    return MARGIN + box.column * COLUMN, ABOVE + box.row * ROW


def _box(box: Box) -> str:
    x, y = _corner(box)
    first = y + (31 if len(box.lines) == 1 else 23)
    texts = [f'<text x="{x + WIDTH // 2}" y="{first}">{escape(box.lines[0])}</text>\n']
    texts += [f'<text class="what" x="{x + WIDTH // 2}" y="{y + 41}">{escape(line)}</text>\n' for line in box.lines[1:]]
    return f'<rect class="box {box.kind}" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8"/>\n' + "".join(texts)


def _arrow(start: Box, end: Box, label: str) -> str:
    (x1, y1), (x2, y2) = _corner(start), _corner(end)
    if start.row == end.row and end.column > start.column + 1:
        # Over what stands between.
        x1, x2, top = x1 + WIDTH // 2, x2 + WIDTH // 2, y1 - 36
        return _drawn(f"M{x1} {y1}C{x1} {top} {x2} {top} {x2} {y2}", (x1 + x2) // 2, y1 - 24, label)
    if start.column == end.column:
        x, y1 = x1 + WIDTH // 2, y1 + HEIGHT
        return _drawn(f"M{x} {y1}V{y2}", x, (y1 + y2) // 2 + 4, label)
    if end.column < start.column:
        x1, y1, x2 = x1 + WIDTH // 4, y1 + HEIGHT, x2 + WIDTH
    else:
        x1, y1 = x1 + WIDTH, y1 + HEIGHT // 2
    y2 += HEIGHT // 2
    middle = (x1 + x2) // 2
    return _drawn(f"M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}", middle, (y1 + y2) // 2 - 6, label)


def _drawn(path: str, x: int, y: int, label: str) -> str:
    text = f'<text class="label" x="{x}" y="{y}">{escape(label)}</text>\n' if label else ""
    return f'<path class="arrow" d="{path}"/>\n{text}'


if __name__ == "__main__":
    PICTURE.write_text(current(), encoding="utf-8")
