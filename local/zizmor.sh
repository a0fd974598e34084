#!/bin/sh
# Checks the workflows for known weaknesses, by zizmor. .github/zizmor.yml lists the rules that are left out, with the reasons.
# Needs no network. usage: zizmor.sh [FILE or FOLDER], by default this repository
set -eu

python3 local/cloud.py setup lint
exec .local/lint/bin/zizmor --offline --quiet --pedantic --strict-collection --config .github/zizmor.yml "${1:-.}"
