"""Creates the pictures of the benchmark from photographs in Debian packages.

usage: photos.py WALLPAPERS OUT [--big]; WALLPAPERS is a folder of unpacked packages

The photographs are smaller and have less noise than those of a camera. So they are enlarged and get grain, so that they
compress and decode like camera files. The same wallpapers result in the same pictures. --big also creates those of
about 100 MB, which takes minutes and 4 GB of memory. Existing pictures are not changed. Runs in an environment with
numpy and Pillow.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

Image.MAX_IMAGE_PIXELS = None
SUBSAMPLED = {"quality": 92, "subsampling": "4:2:0"}
MOST_BYTES = 100_000_000


def main() -> None:
    """Creates the missing pictures."""
    wallpapers, out = Path(sys.argv[1]), Path(sys.argv[2])
    big = "--big" in sys.argv[3:]
    names = ["j12.jpg", "j12p.jpg", "p12.png", "p12a.png", "w12.webp", "a12.avif", "j24.jpg", "j50.jpg"]
    if all((out / name).exists() for name in names + (["p50.png", "j200.jpg"] if big else [])):
        return
    out.mkdir(parents=True, exist_ok=True)
    photos = most_detailed(wallpapers, 16)

    twelve = with_noise(filling(photos[0], 4000, 3000), 2.0, seed=12)
    save(twelve, out / "j12.jpg", **SUBSAMPLED)
    save(twelve, out / "j12p.jpg", **SUBSAMPLED, progressive=True)
    save(twelve, out / "p12.png")
    save(twelve, out / "w12.webp", quality=88)
    save(twelve, out / "a12.avif", quality=80, speed=8)
    twelve.putalpha(spotlight(4000, 3000))
    save(twelve, out / "p12a.png")
    save(with_noise(filling(photos[1], 6000, 4000), 2.0, seed=24), out / "j24.jpg", **SUBSAMPLED)
    fifty = with_noise(patchwork(photos, 2, 8688, 5792), 2.0, seed=50)
    save(fifty, out / "j50.jpg", **SUBSAMPLED)
    if big:
        save(fifty, out / "p50.png")
        two_hundred = with_noise(patchwork(photos, 4, 16320, 12240), 4.0, seed=200)
        for quality in (97, 96, 95, 94):  # the first that is within the limit of an upload
            save(two_hundred, out / "j200.jpg", quality=quality, subsampling="4:2:0")
            if (out / "j200.jpg").stat().st_size <= MOST_BYTES:
                break


def most_detailed(wallpapers: Path, count: int) -> list[Image.Image]:
    """The wallpapers with the most bytes per pixel: plain areas, such as sky, are too easy for a decoder."""

    def detail(file: Path) -> tuple[float, str]:
        with Image.open(file) as image:
            large = min(image.size) >= 1080
            return (file.stat().st_size / (image.width * image.height) if large else 0.0, file.name)

    files = sorted(wallpapers.rglob("*.jpg"), key=detail, reverse=True)[:count]
    if len(files) < count:
        sys.exit(f"only {len(files)} photographs in {wallpapers}")
    return [Image.open(file).convert("RGB") for file in files]


def filling(photo: Image.Image, width: int, height: int) -> Image.Image:
    """The photograph, enlarged to cover the box, and cropped on the right and at the bottom."""
    scale = max(width / photo.width, height / photo.height)
    size = (max(width, round(photo.width * scale)), max(height, round(photo.height * scale)))
    return photo.resize(size, Image.Resampling.LANCZOS).crop((0, 0, width, height))


def patchwork(photos: list[Image.Image], side: int, width: int, height: int) -> Image.Image:
    """A sheet of `side` × `side` photographs: a single one, enlarged that far, would have no detail."""
    sheet = Image.new("RGB", (width, height))
    for number, (left, top, right, bottom) in enumerate(cells(side, width, height)):
        sheet.paste(filling(photos[number % len(photos)], right - left, bottom - top), (left, top))
    return sheet


def cells(side: int, width: int, height: int) -> Iterator[tuple[int, int, int, int]]:
    """Boxes that tile the sheet."""
    for row in range(side):
        for column in range(side):
            yield (
                width * column // side,
                height * row // side,
                width * (column + 1) // side,
                height * (row + 1) // side,
            )


def with_noise(image: Image.Image, sigma: float, seed: int) -> Image.Image:
    """Adds noise of `sigma` levels, the same in all channels. Works in strips, because floats take four times the
    memory."""
    random = np.random.default_rng(seed)
    pixels = np.array(image)
    for top in range(0, len(pixels), 256):
        strip = pixels[top : top + 256]
        grain = random.standard_normal(strip.shape[:2], dtype=np.float32)[..., None] * sigma
        strip[:] = np.clip(np.rint(strip + grain), 0, 255).astype(np.uint8)
    return Image.fromarray(pixels)


def spotlight(width: int, height: int) -> Image.Image:
    """An alpha channel that is opaque in the middle and transparent in the corners, with every level between."""
    x = np.linspace(-1, 1, width, dtype=np.float32)
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None]
    return Image.fromarray((255 * np.clip(1.3 - np.hypot(x, y), 0, 1)).astype(np.uint8))


def save(image: Image.Image, file: Path, **options: object) -> None:
    """Saves a picture. It gets its name when the file is complete."""
    unfinished = file.with_stem(f"{file.stem}-unfinished")
    image.save(unfinished, **options)
    unfinished.replace(file)


if __name__ == "__main__":
    main()
