#!/bin/sh
# Runs every test: first those that need no cloud, then those of a stack on a local cloud of their own. Another local cloud
# may run at the same time. tests/missing_tools.py lists the tools that a machine may lack.
set -eu

folder=.local/test
port=${TEST_PORT:-4610}
cloud="python3 local/cloud.py --dir $folder --port $port"
pytest=".local/cloud/bin/python -m pytest --quiet -c tests/pyproject.toml --rootdir ."

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

$cloud prepare --tests
# shellcheck disable=SC2086 # a list of words
$pytest local/tests tests/infrastructure bench/tests tests/hostile tests/browser tests/load

trap '$cloud stop' EXIT
trap 'exit 130' INT TERM
$cloud start
$cloud deploy
export DARKROOM_OUTPUTS="$PWD/$folder/outputs.json"
# shellcheck disable=SC2086 # a list of words
cargo test --workspace --quiet --target "$(rustc -vV | sed -n 's/^host: //p')" -- --include-ignored $without_corpus
# tests/deployed runs after tests/api, because it checks which rights and metrics the earlier tests have used.
$pytest tests/api tests/deployed tests/invoke tests/runbook tests/doctor
[ -z "$without_corpus" ] || echo "not tested: what needs a corpus of third-party pictures ('corpus')"
