#!/bin/sh
# The state machine against the language's schema, by npm's asl-validator; says so where there is no npm.
set -eu

if ! command -v npm >/dev/null 2>&1; then
    echo "skipped: asl-validator needs npm" >&2
    exit 0
fi
tool=.local/node/node_modules/.bin/asl-validator
[ -x "$tool" ] || npm install --silent --no-fund --no-audit --prefix .local/node asl-validator@4.0.0
"$tool" --json-path statemachine/image_pipeline.asl.json
