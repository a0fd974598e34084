#!/bin/sh
# Causes every fault on the real binaries, on a local cloud of its own. Its functions call through a proxy that makes calls
# fail. usage: chaos.sh FOLDER [options]. FOLDER contains the programs darkroom and chaos; `FOLDER/chaos --help` lists the options.
set -eu

folder=.local/chaos
port=${CHAOS_PORT:-4630}
cloud="python3 local/cloud.py --dir $folder --port $port"

programs=$1
shift
CHAOS_DARKROOM=$programs/darkroom
CHAOS_PROXY_PORT=$((port + 1))
CHAOS_RESTART="$cloud restart"
DARKROOM_OUTPUTS=$PWD/$folder/outputs.json
export CHAOS_DARKROOM CHAOS_PROXY_PORT CHAOS_RESTART DARKROOM_OUTPUTS

trap '$cloud stop' EXIT
trap 'exit 130' INT TERM
# Waits before retries take a hundredth of their time: otherwise most of the run would be waiting.
$cloud start --lasting --wait-scale 0.01 --calls-through "http://127.0.0.1:$CHAOS_PROXY_PORT"
$cloud deploy
"$programs/chaos" "$@"
