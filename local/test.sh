#!/usr/bin/env bash
# Runs every test, on local clouds of their own. Another local cloud may run at the same time. Two commands run side by
# side where they do not share a lock. tests/missing_tools.py lists the tools that a machine may lack.
set -eu

folder=.local/test
port=${TEST_PORT:-4610}
pytest=".local/cloud/bin/python -m pytest --quiet -c tests/pyproject.toml --rootdir ."

# The tests of the doctor have a local cloud of their own, so that they run beside the others: a cloud uses one core.
cloud="python3 local/cloud.py --dir $folder --port $port"
doctor_folder=$folder/doctor
doctor_cloud="python3 local/cloud.py --dir $doctor_folder --port $((port + 1))"

# Third-party pictures, which are not in this repository.
corpus=${DARKROOM_CORPUS:-../shared/corpus}
without_corpus=""
if [ -d "$corpus" ]; then
    DARKROOM_CORPUS=$(cd "$corpus" && pwd)
    export DARKROOM_CORPUS
else
    without_corpus="--skip third_party"
    case "${CI:+ci},${DARKROOM_WITHOUT:-}," in
    ,* | *,corpus,*) ;;
    *)
        echo "error: no corpus of pictures at $corpus: DARKROOM_CORPUS names its folder, DARKROOM_WITHOUT=corpus goes without" >&2
        exit 1
        ;;
    esac
fi

# Runs a command in the background, as $beside. Its output is printed at the end, so that two outputs do not mix.
run_beside() {
    set -m # A process group of its own, which handles SIGINT: some tests send it. Without, bash would have it ignored.
    "$@" >"$folder/beside.log" 2>&1 &
    set +m
    beside=$!
}

# Waits for the command in the background, prints its output, and fails if it failed.
wait_for_beside() {
    status=0
    wait "$beside" || status=$?
    beside=""
    cat "$folder/beside.log"
    return "$status"
}

end() {
    if [ -n "$beside" ]; then
        # pytest ends its own clouds after an interrupt, and would leave them after a termination.
        kill -INT -- "-$beside" 2>/dev/null || true
        wait "$beside" || true
    fi
    $doctor_cloud stop
    $cloud stop
}

beside=""
mkdir -p "$doctor_folder"
$cloud prepare --tests
trap end EXIT
trap 'exit 130' INT TERM
$cloud start
$cloud deploy

# shellcheck disable=SC2086 # a list of words
run_beside $pytest local/tests tests/infrastructure bench/tests tests/hostile tests/browser tests/load
export DARKROOM_OUTPUTS="$PWD/$folder/outputs.json"
# shellcheck disable=SC2086 # a list of words
cargo test --workspace --quiet --target "$(rustc -vV | sed -n 's/^host: //p')" -- --include-ignored $without_corpus
wait_for_beside

$doctor_cloud start
$doctor_cloud deploy
# shellcheck disable=SC2086 # a list of words
run_beside env DARKROOM_OUTPUTS="$PWD/$doctor_folder/outputs.json" $pytest tests/doctor
# tests/deployed runs after tests/api, because it checks which rights and metrics the earlier tests have used.
$pytest tests/api tests/deployed tests/invoke tests/runbook
wait_for_beside
[ -z "$without_corpus" ] || echo "not tested: what needs a corpus of third-party pictures ('corpus')"
