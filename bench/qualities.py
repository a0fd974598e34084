#!/usr/bin/env python3
"""Measures SSIM and bytes of each quality of Darkroom's encoders, and writes the equivalent qualities into
docs/quality.md."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

REPOSITORY = Path(__file__).resolve().parent.parent
# The modules that show phases and run commands are the local cloud's.
sys.path.insert(0, str(REPOSITORY / "local"))

from darkroom_bench import compare, environments, layout, report
from darkroom_local.layout import LocalCloudError
from darkroom_local.phases import phase

PAGE = REPOSITORY / "docs" / "quality.md"
BEGIN = "<!-- qualities: begin (written by bench/qualities.py) -->"
END = "<!-- qualities: end -->"
PHOTOS = ("j12.jpg", "j24.jpg", "j50.jpg")
BOXES = ((800, 600), (1920, 1080))
QUALITIES = {"jpg": range(60, 96, 5), "webp": range(60, 96, 5), "avif": range(40, 86, 5)}
REFERENCE = ("jpg", 85)
"""The format and quality that all others are compared with: the default of JPEG."""


@dataclass(frozen=True)
class Sample:
    """The means over all pictures and boxes, for one quality of one format."""

    format: str
    quality: int
    ssim: float
    kilobytes: float


def main() -> int:
    """Renders, scores, and writes the tables."""
    parser = argparse.ArgumentParser(prog="bench/qualities.py", description=__doc__)
    parser.add_argument("--photos", type=Path, metavar="DIR", help="use these pictures, named as by bench/photos.py")
    parser.add_argument("--renderer", type=Path, metavar="FILE", help="the built example `render` of the crate imaging")
    options = parser.parse_args()
    try:
        environments.set_up_scoring()
        renderer = options.renderer or environments.build()[0].renderer
        samples = measure(renderer, options.photos or environments.photos(big=False))
    except LocalCloudError as error:
        print(f"\nerror: {error}", file=sys.stderr)
        return 1
    text = tables(samples)
    print(f"\n{text}")
    PAGE.write_text(report.insert(PAGE.read_text(), text, BEGIN, END))
    return 0


def measure(renderer: Path, photos: Path) -> list[Sample]:
    """Renders and scores every quality of every format, for all pictures."""
    layout.OUTPUT.mkdir(parents=True, exist_ok=True)
    settings = [(format, quality) for format, qualities in QUALITIES.items() for quality in qualities]
    jobs = []
    with phase("rendering"):
        for photo in PHOTOS:
            for width, height in BOXES:
                outputs = [layout.OUTPUT / f"{photo}-{width}-{quality}.{format}" for format, quality in settings]
                for output, (_, quality) in zip(outputs, settings, strict=True):
                    sides = [str(width), str(height)]
                    command = [str(renderer), str(photos / photo), str(output), *sides, "1", str(quality)]
                    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
                renditions = [str(output) for output in outputs]
                source = str(photos / photo)
                jobs.append({"source": source, "width": width, "height": height, "renditions": renditions})
    with phase("scoring"):
        scores = compare.scores(jobs)
    return [
        Sample(
            format,
            quality,
            mean(of_job[number]["ssim"] for of_job in scores),
            mean(Path(job["renditions"][number]).stat().st_size / 1000 for job in jobs),
        )
        for number, (format, quality) in enumerate(settings)
    ]


def tables(samples: Sequence[Sample]) -> str:
    """The table of equivalent qualities, and the table of all samples."""
    rows = [
        (sample.format, str(sample.quality), f"{sample.ssim:.4f}", f"{sample.kilobytes:.1f}") for sample in samples
    ]
    return "\n\n".join(
        [
            report.table(("", "looks like JPEG 85 at", "kB"), list(equal_scores(samples)), right=(1, 2)),
            report.table(("", "quality", "SSIM", "kB"), rows, right=(1, 2, 3)),
        ]
    )


def equal_scores(samples: Sequence[Sample]) -> Iterator[tuple[str, str, str]]:
    """For each format, the quality with the SSIM of the reference, interpolated between two samples."""
    wanted = next(sample.ssim for sample in samples if (sample.format, sample.quality) == REFERENCE)
    for format in QUALITIES:
        of_format = [sample for sample in samples if sample.format == format]
        for low, high in zip(of_format, of_format[1:], strict=False):
            if low.ssim <= wanted <= high.ssim:
                part = (wanted - low.ssim) / (high.ssim - low.ssim)
                quality = low.quality + part * (high.quality - low.quality)
                kilobytes = low.kilobytes + part * (high.kilobytes - low.kilobytes)
                yield format, f"{quality:.1f}", f"{kilobytes:.1f}"
                break


if __name__ == "__main__":
    sys.exit(main())
