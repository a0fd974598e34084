"""Makes one rendition repeatedly with Pillow.

usage: pillow_peer.py IN OUT WIDTH HEIGHT RUNS QUALITY; the extension of OUT selects the encoder
Prints the median CPU and wall milliseconds of all runs except the first, as JSON.
"""

import json
import sys
import time
from statistics import median

from PIL import Image, ImageOps

Image.MAX_IMAGE_PIXELS = None


def render(source: str, output: str, box: tuple[int, int], quality: int) -> None:
    """Makes one rendition: shrinks on load if the format supports it, then resizes by Lanczos."""
    with Image.open(source) as image:
        # `thumbnail` never enlarges, and makes the JPEG decoder scale down.
        image.thumbnail(box, Image.Resampling.LANCZOS)
        ImageOps.exif_transpose(image, in_place=True)
        if not output.endswith(".jpg"):
            image.save(output, compress_level=1)
            return
        if image.mode == "RGBA":
            flat = Image.new("RGB", image.size, "white")
            flat.paste(image, mask=image.getchannel("A"))
            flat.save(output, quality=quality)
            return
        image.save(output, quality=quality)


def main() -> None:
    """Renders, and prints the medians."""
    source, output, width, height, runs, quality = sys.argv[1:]
    cpu_ms, wall_ms = [], []
    for _ in range(int(runs)):
        cpu, wall = time.process_time(), time.perf_counter()
        render(source, output, (int(width), int(height)), int(quality))
        cpu_ms.append((time.process_time() - cpu) * 1000)
        wall_ms.append((time.perf_counter() - wall) * 1000)
    warm = slice(1, None) if len(cpu_ms) > 1 else slice(None)
    print(json.dumps({"cpu_ms": median(cpu_ms[warm]), "wall_ms": median(wall_ms[warm])}))


if __name__ == "__main__":
    main()
