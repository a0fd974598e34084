#!/bin/sh
# Every test: of the local cloud and the template by pytest, of the crates by cargo, and end to end and of the API on a
# local cloud of its own, beside one that may be running.
set -eu

folder=.local/test
port=${TEST_PORT:-4610}
cloud="python3 local/cloud.py --dir $folder --port $port"

$cloud prepare --tests
.local/cloud/bin/python -m pytest --quiet local/tests
.local/cloud/bin/python -m pytest --quiet tests/infrastructure
.local/cloud/bin/python -m pytest --quiet bench/tests
.local/cloud/bin/python -m pytest --quiet tests/hostile
.local/cloud/bin/python -m pytest --quiet tests/load

trap '$cloud stop' EXIT
trap 'exit 130' INT TERM
$cloud start
$cloud deploy
export DARKROOM_OUTPUTS="$PWD/$folder/outputs.json"
cargo test --workspace --quiet
.local/cloud/bin/python -m pytest --quiet tests/api
.local/cloud/bin/python -m pytest --quiet tests/watching
# Last: it judges what all the others have used of the functions' rights.
.local/cloud/bin/python -m pytest --quiet tests/security
.local/cloud/bin/python -m pytest --quiet tests/invoke
.local/cloud/bin/python -m pytest --quiet tests/cost
.local/cloud/bin/python -m pytest --quiet tests/express
.local/cloud/bin/python -m pytest --quiet tests/runbook
