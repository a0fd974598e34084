#!/bin/sh
# Makes the pictures in this folder. They are committed: avifenc (Debian's libavif-bin 0.11.1) and Pillow are needed only
# to change them.
#
# Each picture has four quarters: red and green above blue and yellow, at three quarters of full strength.
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
python3 - "$scratch" <<'PYTHON'
import sys
from pathlib import Path
from PIL import Image, ImageCms

folder = Path(sys.argv[1])

def quarters(width, height, alpha=False):
    picture = Image.new("RGBA" if alpha else "RGB", (width, height))
    colours = [(191, 0, 0), (0, 191, 0), (0, 0, 191), (191, 191, 0)]
    for index, colour in enumerate(colours):
        left, top = index % 2 * (width // 2), index // 2 * (height // 2)
        box = (left, top, left + width - width // 2, top + height - height // 2)
        # From left above: opaque, half transparent, nearly and completely transparent.
        picture.paste((*colour, [255, 128, 40, 0][index]) if alpha else colour, box)
    return picture

quarters(64, 48).save(folder / "even.png")
quarters(63, 47).save(folder / "odd.png")
quarters(64, 48, alpha=True).save(folder / "alpha.png")
quarters(128, 128).save(folder / "grid.png")
for level in (255, 60, 0):
    Image.new("RGB", (64, 48), (level, level, 0)).save(folder / f"frame{level}.png")
PYTHON

make() { # make NAME SOURCE OPTIONS...
    name=$1 source=$2
    shift 2
    avifenc --speed 0 --jobs 1 --min 0 --max 4 --minalpha 0 --maxalpha 4 "$@" "$scratch/$source.png" "$name.avif" >/dev/null
}
for chroma in 400 420 422 444; do
    make "8-bit-$chroma" odd --depth 8 --yuv $chroma --range full
    make "10-bit-$chroma" odd --depth 10 --yuv $chroma --range limited
    make "12-bit-$chroma" odd --depth 12 --yuv $chroma --range full
done
make matrix-709-limited even --yuv 420 --cicp 1/13/1 --range limited
make matrix-2020-limited even --yuv 420 --cicp 1/13/9 --range limited
make matrix-identity even --yuv 444 --cicp 1/13/0 --range full
make matrix-ycgco even --yuv 444 --cicp 1/13/8 --range full
make colours-display-p3 even --yuv 444 --cicp 12/13/6
make colours-pq even --depth 10 --yuv 444 --cicp 9/16/9
make colours-hlg even --depth 10 --yuv 444 --cicp 9/18/9
make alpha alpha --yuv 420
make alpha-premultiplied alpha --yuv 444 --premultiply
make alpha-10-bit alpha --yuv 444 --depth 10
make turned even --yuv 420 --irot 1
make mirrored even --yuv 420 --imir 1
make turned-and-mirrored even --yuv 420 --irot 1 --imir 1
make cropped even --yuv 444 --crop 32,0,32,24
make cropped-and-turned even --yuv 444 --crop 32,0,32,20 --irot 3
make grid grid --yuv 420 --grid 2x2
make grid-of-ten-bits grid --yuv 420 --grid 2x1 --depth 10
make tiles grid --yuv 420 --tilerowslog2 1 --tilecolslog2 1
make film-grain grid --yuv 420 --advanced film-grain-test=1
avifenc --speed 6 --jobs 1 "$scratch/frame255.png" "$scratch/frame60.png" "$scratch/frame0.png" animated.avif >/dev/null
