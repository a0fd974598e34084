#!/bin/sh
# Prints the path of cargo-deny: the installed one, or one that it installs into .local/deny.
set -eu

if ! command -v cargo-deny; then
    python3 local/cloud.py setup deny >&2
    echo .local/deny/bin/cargo-deny
fi
