#!/bin/sh
# Runs everything that needs no cloud, before each commit. It takes seconds to a minute if little has changed.
set -eu

host=$(rustc -vV | sed -n "s/^host: //p")
cargo fmt --all --check
cargo clippy --quiet --workspace --all-targets --target "$host" -- -D warnings
cargo test --quiet --workspace --target "$host"
.local/cloud/bin/python -m pytest --quiet -c tests/pyproject.toml --rootdir . \
    --deselect tests/infrastructure/test_deployments.py --ignore tests/browser/test_agreement.py \
    tests/infrastructure bench/tests tests/hostile tests/browser tests/load
