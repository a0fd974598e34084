#!/bin/sh
# Licences, bans and sources of all that is built with, by cargo-deny; deny.toml says what may be. Known vulnerabilities
# need the network: local/advisories.sh.
set -eu

deny=$(local/cargo_deny.sh)
exec "$deny" --locked check licenses bans sources
