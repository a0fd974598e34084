"""Scores renditions against the ideal: a full decode, then Lanczos3 in float, with alpha composited over white.

Reads [{"source", "width", "height", "renditions": [...]}] from the standard input, and prints the scores in the same
order: [[{"ssim", "psnr"}, ...], ...]. SSIM is that of luma (Gaussian window, sigma 1.5). PSNR is in dB over RGB. Runs
in an environment with numpy, Pillow and scikit-image.
"""

import json
import sys

import numpy as np
from PIL import Image, ImageOps
from skimage.metrics import structural_similarity

Image.MAX_IMAGE_PIXELS = None
LUMA = np.array([0.299, 0.587, 0.114])


def main() -> None:
    """Scores every job. Jobs with the same source follow each other, so the last decoded picture is kept."""
    scores, last, planes = [], None, None
    for job in json.load(sys.stdin):
        if job["source"] != last:
            last, planes = job["source"], decode(job["source"])
        wanted = ideal(planes, job["width"], job["height"])
        scores.append([score(over_white(decode(rendition)), wanted, rendition) for rendition in job["renditions"]])
    print(json.dumps(scores))


def decode(file: str) -> np.ndarray:
    """The pixels, oriented: rows × columns × 3 or 4."""
    with Image.open(file) as image:
        upright = ImageOps.exif_transpose(image)
        return np.asarray(upright.convert("RGBA" if "A" in upright.getbands() else "RGB"))


def ideal(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """The ideal resize of the source to fit the box, with colours weighted by alpha."""
    rows, columns, channels = pixels.shape
    scale = min(width / columns, height / rows, 1)
    size = (max(1, round(columns * scale)), max(1, round(rows * scale)))

    def resized(plane: np.ndarray) -> np.ndarray:
        return np.asarray(Image.fromarray(plane.astype(np.float32)).resize(size, Image.Resampling.LANCZOS))

    if channels == 3:
        return np.stack([resized(pixels[..., channel]) for channel in range(3)], -1).clip(0, 255)
    alpha = pixels[..., 3].astype(np.float32) / 255
    white = 255 * (1 - resized(alpha))
    return np.stack([resized(pixels[..., channel] * alpha) + white for channel in range(3)], -1).clip(0, 255)


def over_white(pixels: np.ndarray) -> np.ndarray:
    """The pixels composited over white, in float."""
    pixels = pixels.astype(np.float64)
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:] / 255
    return pixels[..., :3] * alpha + 255 * (1 - alpha)


def score(found: np.ndarray, wanted: np.ndarray, name: str) -> dict[str, float]:
    """SSIM and PSNR. Fails for a rendition of another size."""
    if found.shape != wanted.shape:
        sys.exit(f"{name} is {found.shape[1]}×{found.shape[0]}, expected {wanted.shape[1]}×{wanted.shape[0]}")
    ssim = structural_similarity(
        found @ LUMA, wanted @ LUMA, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
    )
    error = ((found - wanted) ** 2).mean()
    # At most 99 dB, three thousandths of a level: smaller differences are rounding.
    return {"ssim": float(ssim), "psnr": min(99.0, float(10 * np.log10(255**2 / max(error, 1e-9))))}


if __name__ == "__main__":
    main()
