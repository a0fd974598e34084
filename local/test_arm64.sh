#!/bin/sh
# Tests the functions of `make build-arm64` under emulation, on a local cloud of their own.
set -eu

built=.local/arm64
folder=.local/test-arm64
cloud="python3 local/cloud.py --dir $folder --port ${TEST_PORT:-4610}"

[ -d "$built" ] || {
    echo "error: $built does not exist: run make build-arm64" >&2
    exit 1
}
trap '$cloud stop' EXIT
trap 'exit 130' INT TERM
$cloud start
$cloud deploy
DARKROOM_OUTPUTS="$PWD/$folder/outputs.json" DARKROOM_ARM64="$PWD/$built" \
    .local/cloud/bin/python -m pytest --quiet tests/invoke/test_arm64.py
