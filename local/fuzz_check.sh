#!/bin/sh
# Checks that the fuzz targets compile. `make fuzz` runs them, and needs clang. libFuzzer, which is compiled too, is C++.
set -eu

if ! command -v c++ >/dev/null 2>&1; then
    echo "skipped: no C++ compiler for the fuzz targets" >&2
    exit 0
fi
# A separate workspace that uses our lock file and reuses our compiled dependencies.
cp Cargo.lock fuzz/Cargo.lock
host=$(rustc -vV | sed -n "s/^host: //p")
exec cargo check --quiet --manifest-path fuzz/Cargo.toml --features functions --target-dir target --target "$host"
