#!/bin/sh
# Builds and deploys one stage of samconfig.toml to AWS, as a release with a name of its own.
#
#   make deploy STAGE=dev                               what samconfig.toml says
#   make deploy STAGE=dev PARAMETERS='Observe=On'       and this besides
#   make deploy STAGE=dev PROFILES=my-sizes.json        with profiles of your own (docs/profiles.md)
#   make deploy STAGE=dev PROFILES=built-in             with those that ship with Darkroom again
#   DOCTOR=no make deploy STAGE=dev                     without examining the stack at the end
set -eu

stage=${1:-}
case "$stage" in
dev | staging | prod) shift ;;
*)
    echo "error: which stage? make deploy STAGE=dev, staging or prod" >&2
    exit 2
    ;;
esac
# A workflow builds in one job, and deploys in another, which alone has rights: DEPLOY_ONLY=build, or deploy.
only=${DEPLOY_ONLY:-}
tools='sam git'
[ "$only" = deploy ] || tools="$tools cargo-lambda"
for tool in $tools; do
    command -v "$tool" >/dev/null 2>&1 || {
        echo "error: $tool is missing: docs/deploy.md says what is needed" >&2
        exit 1
    }
done

# On the command line, parameters replace the stage's instead of joining them.
parameters=$(sed -n "/^\[$stage\.deploy\.parameters\]/,/^\[/s/^parameter_overrides = \"\(.*\)\"/\1/p" samconfig.toml)
# A deployment of the same commit can differ in its parameters: it is another release.
release="$(date -u +%Y%m%dT%H%M%SZ)-$(git describe --always --dirty)"
# Nobody is there to say yes to a workflow: its environment has asked already.
unattended=${CI:+--no-confirm-changeset}

# Wrong parameters and profiles stop here, before anything is built or changed.
# shellcheck disable=SC2086 # a list of words
added=$(python3 deploy/profiles.py check $parameters "$@")
if [ -z "${PROFILES:-}" ] && [ "$only" != build ]; then
    deployed=$(sam list stack-outputs --stack-name "darkroom-$stage" --output json 2>/dev/null || true)
    case "$deployed" in
    *'"packaged:'*)
        echo "error: darkroom-$stage has profiles of its own: deploy with PROFILES=file.json," \
            "or with PROFILES=built-in to go back to those that ship with Darkroom" >&2
        exit 2
        ;;
    esac
fi

# With the parameters of the deployment: Architecture says what to build for.
# shellcheck disable=SC2086 # lists of words
[ "$only" = deploy ] || sam build --config-env "$stage" --parameter-overrides $parameters "Release=$release" "$@"
[ "$only" != build ] || exit 0
python3 deploy/profiles.py package "$@"
echo "release $release"
# shellcheck disable=SC2086 # lists of words
sam deploy --config-env "$stage" --no-fail-on-empty-changeset $unattended \
    --parameter-overrides $parameters $added "Release=$release" "$@"

# What only deploys compiles nothing: a workflow has no doctor.
[ -z "$only" ] && [ "${DOCTOR:-yes}" != no ] || exit 0
# The darkroom command reads keys and profiles, and no SSO session: the AWS CLI exports one.
if [ -z "${AWS_ACCESS_KEY_ID:-}" ] && command -v aws >/dev/null 2>&1; then
    eval "$(aws configure export-credentials --format env 2>/dev/null || true)"
fi
echo "examining the stack darkroom-$stage (DOCTOR=no leaves it out)"
host=$(rustc -vV | sed -n 's/^host: //p')
cargo run --quiet --target "$host" --package darkroom -- doctor --stack "darkroom-$stage"
