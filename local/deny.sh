#!/bin/sh
# Checks the licences and sources of the dependencies, by cargo-deny and the rules in deny.toml. Known vulnerabilities need the
# network: local/advisories.sh.
set -eu

deny=$(local/cargo_deny.sh)
exec "$deny" --locked check licenses bans sources
