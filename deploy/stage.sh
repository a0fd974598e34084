#!/bin/sh
# Builds and deploys one stage of samconfig.toml to AWS, as a release with a name of its own.
#
#   make deploy STAGE=dev                               what samconfig.toml says
#   make deploy STAGE=dev PARAMETERS='Observe=On'       and this besides
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

# With the parameters of the deployment: Architecture says what to build for.
# shellcheck disable=SC2086 # lists of words
[ "$only" = deploy ] || sam build --config-env "$stage" --parameter-overrides $parameters "Release=$release" "$@"
[ "$only" != build ] || exit 0
echo "release $release"
# shellcheck disable=SC2086 # lists of words
sam deploy --config-env "$stage" --no-fail-on-empty-changeset $unattended \
    --parameter-overrides $parameters "Release=$release" "$@"
