#!/bin/sh
# Checks the state machine against the language's schema, by npm's asl-validator. Without npm, it prints that and succeeds.
set -eu

if ! command -v npm >/dev/null 2>&1; then
    echo "skipped: asl-validator needs npm" >&2
    exit 0
fi
local/node_tools.sh
.local/node/node_modules/.bin/asl-validator --json-path statemachine/image_pipeline.asl.json
