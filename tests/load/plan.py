"""The uploads of a run: pictures of several sizes, some invalid files, and some keys twice. The same in every run."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field
from pathlib import Path

from darkroom_local import cargo, phases

# Megapixels, and the percentage of pictures of that size.
SIZES = {"0.3": 60, "1": 30, "3": 9, "12": 1}
BAD_PERCENT = 2
TWICE_PERCENT = 2


@dataclass
class Upload:
    """One PUT, and its expected outcome."""

    key: str
    picture: bytes
    status: str
    is_superseded: bool = False
    """Whether a later upload has the same key, so that this one may end as superseded."""
    version_id: str = field(default="", init=False)
    put_at: float = field(default=0.0, init=False)
    """When S3 answered, in seconds since 1970."""


def pictures(folder: Path) -> dict[str, bytes]:
    """The test chart in each size, created once."""
    paths = {megapixels: folder / f"{megapixels}.jpg" for megapixels in SIZES}
    if not all(path.exists() for path in paths.values()):
        folder.mkdir(parents=True, exist_ok=True)
        darkroom = cargo.release("--package", "darkroom") / "darkroom"
        for megapixels, path in paths.items():
            phases.run([str(darkroom), "chart", str(path), "--megapixels", megapixels], cwd=folder, env=os.environ)
    return {megapixels: path.read_bytes() for megapixels, path in paths.items()}


def planned(count: int, of_size: dict[str, bytes]) -> list[Upload]:
    """A list of `count` uploads; those of one key follow each other."""
    chance = random.Random(count)
    uploads: list[Upload] = []
    while len(uploads) < count:
        size = chance.choices(list(SIZES), weights=list(SIZES.values()))[0]
        key = f"uploads/load/{len(uploads):05}-{size}.jpg"
        drawn = chance.random() * 100
        if drawn < BAD_PERCENT:
            uploads.append(Upload(key, _bad(chance, of_size[size]), "rejected"))
        elif drawn < BAD_PERCENT + TWICE_PERCENT and len(uploads) + 1 < count:
            uploads.append(Upload(key, of_size[size], "completed", is_superseded=True))
            uploads.append(Upload(key, of_size[size], "completed"))
        else:
            uploads.append(Upload(key, of_size[size], "completed"))
    return uploads


def _bad(chance: random.Random, picture: bytes) -> bytes:
    return chance.choice([b"", b"Dear diary, today I am a picture", picture[: len(picture) // 2], picture[:100]])
