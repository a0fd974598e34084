#!/bin/sh
# Puts npm's linters, as local/node/package-lock.json has them, into .local/node.
set -eu

lock=local/node/package-lock.json
cmp -s "$lock" .local/node/installed.json && exit 0
mkdir -p .local/node
cp local/node/package.json "$lock" .local/node/
npm ci --prefix .local/node --ignore-scripts --silent --no-fund --no-audit
cp "$lock" .local/node/installed.json
