#!/bin/sh
# Processes a picture by the whole pipeline: `make demo`. Uses the running local cloud, or starts one and stops it at the end.
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
# Opens the contact sheet on a desktop.
[ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || xdg-open out/index.html >/dev/null 2>&1 || true
cat <<TEXT

what next:
${drawn:+  your pictures   make demo IMAGE=photo.jpg (or a folder of them)
}  your sizes      $cli profiles --sizes 200x200,400x400 > my-sizes.json
                  make demo PROFILES=my-sizes.json
  keep it         make up (prints the API's address, a key, and the next commands)
                  $cli upload photo.jpg
                  $cli show photo.jpg (each step of its execution)
  AWS             make deploy STAGE=dev (docs/deploy.md)
TEXT
