"""Reading a binary: a binary that Lambda on arm64 could not run is refused."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from darkroom_local import binaries
from darkroom_local.layout import LocalCloudError


@pytest.mark.skipif(platform.machine() != "x86_64", reason="needs a binary of another processor")
def test_a_binary_of_this_machine_is_refused() -> None:
    with pytest.raises(LocalCloudError, match=r"cannot run on Lambda on arm64: .*X86-64.* glibc 2"):
        binaries.inspect(Path("/bin/sh").resolve())


def test_a_file_that_is_not_a_binary_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "bootstrap"
    script.write_text("#!/bin/sh\n")
    with pytest.raises(LocalCloudError):
        binaries.inspect(script)


@pytest.mark.parametrize(
    ("line", "by_hand"),
    [
        ("\tsqdmulh\tv0.8h, v1.8h, v2.h[0]", True),
        ("\tsqrdmulh\tv3.8h, v3.8h, v4.8h", True),
        ("\tmul\tv0.8h, v1.8h, v2.8h", False),
    ],
)
def test_hand_written_neon_is_distinguished_from_a_compilers(line: str, by_hand: bool) -> None:
    assert bool(binaries.HAND_WRITTEN_NEON.search(line)) is by_hand
