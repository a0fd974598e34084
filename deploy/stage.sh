#!/bin/sh
# Builds and deploys one stage of samconfig.toml to AWS, as a release with its own name.
#
#   make deploy STAGE=dev                               with the settings in samconfig.toml
#   make deploy STAGE=dev PARAMETERS='Observe=On'       with another parameter
#   make deploy STAGE=dev PROFILES=my-sizes.json        with your own profiles (docs/profiles.md)
#   make deploy STAGE=dev PROFILES=built-in             with the built-in profiles again
#   HEIC=no make deploy STAGE=dev                       without the decoder of HEIC (docs/heic.md)
#   DOCTOR=no make deploy STAGE=dev                     without checking the stack at the end
set -eu

stage=${1:-}
case "$stage" in
dev | staging | prod) shift ;;
*)
    echo "error: which stage? make deploy STAGE=dev, staging or prod" >&2
    exit 2
    ;;
esac
# A workflow builds in one job (DEPLOY_ONLY=build), and deploys in another, which has the rights (DEPLOY_ONLY=deploy).
only=${DEPLOY_ONLY:-}
tools='sam git'
[ "$only" = deploy ] || tools="$tools cargo-lambda"
for tool in $tools; do
    command -v "$tool" >/dev/null 2>&1 || {
        echo "error: $tool is missing: docs/deploy.md lists the tools" >&2
        exit 1
    }
done

# Parameters on SAM's command line replace those of samconfig.toml, so these are read and repeated.
parameters=$(sed -n "/^\[$stage\.deploy\.parameters\]/,/^\[/s/^parameter_overrides = \"\(.*\)\"/\1/p" samconfig.toml)
# The name has the time, because the same commit can be deployed with other parameters.
release="$(date -u +%Y%m%dT%H%M%SZ)-$(git describe --always --dirty)"
# A workflow cannot answer a prompt. Its environment has asked for approval.
unattended=${CI:+--no-confirm-changeset}

# Invalid parameters and profiles fail here, before anything is built or changed.
# shellcheck disable=SC2086 # a list of words
added=$(python3 deploy/profiles.py check $parameters "$@")
if [ -z "${PROFILES:-}" ] && [ "$only" != build ]; then
    deployed=$(sam list stack-outputs --stack-name "darkroom-$stage" --output json 2>/dev/null || true)
    case "$deployed" in
    *'"packaged:'*)
        echo "error: darkroom-$stage has its own profiles: deploy with PROFILES=file.json," \
            "or with PROFILES=built-in for the built-in ones" >&2
        exit 2
        ;;
    esac
fi

if [ "${HEIC:-yes}" = no ]; then
    CARGO_WITH_HEIC=$(command -v cargo)
    PATH="$PWD/deploy/without-heic:$PATH"
    export CARGO_WITH_HEIC PATH
fi
# The build needs the parameters of the deployment: Architecture selects the processor.
# shellcheck disable=SC2086 # lists of words
[ "$only" = deploy ] || sam build --config-env "$stage" --parameter-overrides $parameters "Release=$release" "$@"
[ "$only" != build ] || exit 0
python3 deploy/profiles.py package "$@"
echo "release $release"
# shellcheck disable=SC2086 # lists of words
sam deploy --config-env "$stage" --no-fail-on-empty-changeset $unattended \
    --parameter-overrides $parameters $added "Release=$release" "$@"

# The doctor would have to be compiled, and the deploying job of a workflow compiles nothing.
[ -z "$only" ] && [ "${DOCTOR:-yes}" != no ] || exit 0
# The darkroom command cannot read an SSO session, so the AWS CLI exports its credentials.
if [ -z "${AWS_ACCESS_KEY_ID:-}" ] && command -v aws >/dev/null 2>&1; then
    eval "$(aws configure export-credentials --format env 2>/dev/null || true)"
fi
echo "checking the stack darkroom-$stage (DOCTOR=no skips this)"
host=$(rustc -vV | sed -n 's/^host: //p')
cargo run --quiet --target "$host" --package darkroom -- doctor --stack "darkroom-$stage"
