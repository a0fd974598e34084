#!/bin/sh
# The arrow points down: the domain knows no AWS, no Lambda and no async runtime, not even through a dependency.
set -eu

found=$(cargo tree --package imaging --edges normal,build --prefix none | grep -E '^(aws-|lambda|tokio)' || true)
if [ -n "$found" ]; then
    echo "error: crates/imaging depends on:" "$found" >&2
    exit 1
fi
