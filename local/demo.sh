#!/bin/sh
# A picture through the whole pipeline: `make demo`. Uses the local cloud that runs, or one of its own for the while.
# usage: demo.sh CLI PICTURE-OR-FOLDER [options of `cloud.py deploy`]
set -eu

cli=$1
picture=$2
drawn=
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
    picture=.local/landscape.jpg
    [ -s "$picture" ] || "$cli" chart "$picture" --force --landscape --megapixels 12 --orientation 6
    drawn=yes
fi
"$cli" upload "$picture" --replace --out out --sheet
# On a desktop, the pictures are there to be looked at.
[ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || xdg-open out/index.html >/dev/null 2>&1 || true
cat <<TEXT

what next:
${drawn:+  make demo IMAGE=photo.jpg           the same with a picture of yours, or a folder of them
}  make demo PROFILES=my-sizes.json    in your own sizes, which this begins: $cli profiles --sizes 200x200,400x400
  make up                             keeps the local cloud running, and prints the API's address and a key; then
  $cli upload photo.jpg
  $cli show photo.jpg
                                      uploads a picture, and shows each step of its execution
  make deploy STAGE=dev               to AWS (docs/deploy.md)
TEXT
