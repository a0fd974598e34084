#!/bin/sh
# Layers point down: functions → pipeline → imaging → baseline-jpeg and resample. Imaging uses no AWS, no Lambda and no
# async runtime, and the JPEG decoder no C library and nothing of imaging, not even through a dependency.
set -eu

# forbid PACKAGE PATTERN: fails if the package depends on a package that matches.
forbid() {
    found=$(cargo tree --package "$1" --edges normal,build --prefix none | tail -n +2 | grep -E "$2" || true)
    if [ -n "$found" ]; then
        echo "error: $1 depends on:" "$found" >&2
        exit 1
    fi
}

forbid imaging '^(aws-|lambda|tokio)'
forbid baseline-jpeg '^(imaging|mozjpeg|resample)|-sys '
forbid resample '^(imaging|baseline-jpeg)|-sys '
