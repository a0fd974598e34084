"""Writes all generated pictures into a folder; `darkroom` of ARGUMENTS draws test charts. The same in every run.

usage: python -m generate FOLDER [DARKROOM]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from generate import animated, avif, damage, gif, jpeg, others, png, webp

MAKERS = {"jpeg": jpeg, "png": png, "gif": gif, "webp": webp, "avif": avif, "animated": animated, "others": others}


def main() -> int:
    """Writes a folder for each kind, and one of damaged copies."""
    folder = Path(sys.argv[1])
    sound: dict[str, bytes] = {}
    for kind, maker in MAKERS.items():
        for name, picture in maker.pictures():
            _write(folder / kind / name, picture)
            sound[name] = picture
    for name, picture in damage.pictures(sound):
        _write(folder / "damaged" / name, picture)
    for darkroom in sys.argv[2:]:
        _draw_charts(Path(darkroom), folder / "charts")
    return 0


def _draw_charts(darkroom: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for orientation in range(1, 9):
        out = folder / f"chart-orientation-{orientation}.jpg"
        command = [str(darkroom), "chart", "--force", "--megapixels", "0.05", "--orientation", str(orientation), str(out)]
        subprocess.run(command, check=True, capture_output=True)
    subprocess.run(
        [str(darkroom), "chart", "--force", "--megapixels", "1", "--landscape", str(folder / "landscape.jpg")],
        check=True, capture_output=True,
    )  # fmt: skip


def _write(path: Path, content: bytes) -> None:
    if path.exists():
        raise SystemExit(f"two pictures are named {path}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


if __name__ == "__main__":
    sys.exit(main())
