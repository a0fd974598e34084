#!/bin/sh
# The workflows against what is known of attacks on them, by zizmor; .github/zizmor.yml says what is left out, and why.
# Asks no network. usage: zizmor.sh [FILE or FOLDER], by default this repository
set -eu

python3 local/cloud.py setup lint
exec .local/lint/bin/zizmor --offline --quiet --pedantic --strict-collection --config .github/zizmor.yml "${1:-.}"
