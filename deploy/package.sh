#!/bin/sh
# Builds the functions, uploads them to a bucket, and writes the template that names them to .aws-sam/packaged.yaml:
# for Terraform, CDK, and other tools that deploy a CloudFormation template (docs/terraform.md).
#
#   make package BUCKET=my-artifacts                                      for arm64
#   make package BUCKET=my-artifacts PARAMETERS='Architecture=x86_64'     for x86-64
#   make package BUCKET=my-artifacts PROFILES=my-sizes.json               with your own profiles in the packages
#   HEIC=no make package BUCKET=my-artifacts                              without the decoder of HEIC (docs/heic.md)
set -eu

here=$(dirname "$0")

bucket=${1:-}
[ -n "$bucket" ] || {
    echo "error: which bucket? make package BUCKET=name; it must be in the region of the deployment" >&2
    exit 2
}
shift
command -v sam >/dev/null 2>&1 || {
    echo "error: sam is missing: docs/deploy.md lists the tools" >&2
    exit 1
}

# Invalid parameters and profiles fail here, before anything is built.
added=$(python3 "$here/profiles.py" check "$@")
built=${BUILT_TEMPLATE:-}
if [ -z "$built" ]; then
    if [ "${HEIC:-yes}" = no ]; then
        CARGO_WITH_HEIC=$(command -v cargo)
        PATH="$PWD/deploy/without-heic:$PATH"
        export CARGO_WITH_HEIC PATH
    fi
    # The build needs the parameters of the deployment: Architecture selects the processor.
    # shellcheck disable=SC2046 # a list of words
    sam build $([ $# -eq 0 ] || echo --parameter-overrides) "$@"
    python3 "$here/profiles.py" package "$@"
    built=.aws-sam/build/template.yaml
fi
packaged=.aws-sam/packaged.yaml
mkdir -p .aws-sam
sam package --template-file "$built" --s3-bucket "$bucket" --s3-prefix darkroom --no-progressbar \
    --output-template-file "$packaged" >/dev/null
echo "packaged template: $packaged"
[ -z "$added$*" ] || echo "deploy it with these parameters: $added $*"
