#!/bin/sh
# Checks that only one module may contain unsafe code: no other module allows it, and every crate has the workspace's lints,
# which deny it.
set -eu

allowed=crates/imaging/src/ffi/mod.rs

found=$(git grep --untracked --files-with-matches --word-regexp unsafe_code -- '*.rs' ":!$allowed" || true)
if [ -n "$found" ]; then
    echo "error: only $allowed may allow unsafe code:" $found >&2
    exit 1
fi

found=$(git grep --untracked --files-without-match '^\[lints' -- '*/Cargo.toml' || true)
if [ -n "$found" ]; then
    echo "error: these crates have no lints:" $found >&2
    exit 1
fi
