#!/bin/sh
# Measures what pictures cost, on a local cloud of its own: `make cost`.
# usage: cost.sh PHOTOS, a folder with j2.jpg, j12.jpg and j24.jpg, as `make bench` creates them
set -eu

photos=$1
folder=.local/cost
cloud="python3 local/cloud.py --dir $folder --port ${COST_PORT:-4680}"

[ -f "$photos/j12.jpg" ] || {
    echo "error: $photos/j12.jpg does not exist: run make bench, or name the folder: make cost PHOTOS=…" >&2
    exit 1
}
trap '$cloud stop' EXIT
trap 'exit 130' INT TERM
$cloud start
$cloud deploy
.local/cloud/bin/python bench/cost.py "$folder/outputs.json" "$folder/build" "$photos"
