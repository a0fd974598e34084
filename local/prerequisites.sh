#!/bin/sh
# Checks the tools that building Darkroom needs: C and C++ compilers, cmake and perl (for libaom), nasm on x86-64 (for SIMD),
# Python with venv, and Rust. As root on Debian, installs missing packages; otherwise prints the command.
set -eu

missing=""
need() { # COMMAND PACKAGE
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need cc gcc
need c++ g++
need cmake cmake
need make make
need perl perl
need python3 python3
python3 -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
case "$(uname -m)" in
x86_64 | amd64) need nasm nasm ;;
esac

if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "installing$missing"
        export DEBIAN_FRONTEND=noninteractive
        # shellcheck disable=SC2086 # a list of words
        apt-get update -qq && apt-get install -y -qq --no-install-recommends $missing >/dev/null
    else
        echo "error: these packages are missing:$missing" >&2
        echo "  Debian, Ubuntu:  sudo apt-get install$missing" >&2
        echo "  elsewhere: the packages of the same commands" >&2
        exit 1
    fi
fi

if ! command -v cargo >/dev/null 2>&1; then
    echo "error: Rust is missing: install it from https://rustup.rs" >&2
    exit 1
fi
