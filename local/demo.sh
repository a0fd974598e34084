#!/bin/sh
# A picture through the whole pipeline: `make demo`. Uses the local cloud that runs, or one of its own for the while.
# usage: demo.sh CLI PICTURE-OR-FOLDER [options of `cloud.py deploy`]
set -eu

cli=$1
picture=$2
shift 2
cloud="python3 local/cloud.py"

if [ -n "$picture" ] && [ ! -e "$picture" ]; then
    echo "error: there is no file or folder '$picture'" >&2
    exit 2
fi
local/prerequisites.sh
$cloud prepare
if $cloud status >/dev/null; then
    trap - EXIT
else
    trap '$cloud stop' EXIT
    trap 'exit 130' INT TERM
    $cloud start
fi
$cloud deploy "$@"

if [ -z "$picture" ]; then
    picture=.local/chart.jpg
    "$cli" chart "$picture" --force --megapixels 12 --orientation 6
fi
"$cli" upload "$picture" --replace --out out
