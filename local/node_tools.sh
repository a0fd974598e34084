#!/bin/sh
# Installs the tools for Node.js, as local/node/package-lock.json pins them, into .local/node.
set -eu

lock=local/node/package-lock.json
cmp -s "$lock" .local/node/installed.json && exit 0
mkdir -p .local/node
cp local/node/package.json "$lock" .local/node/
# No package may run a script of its own during the installation.
npm ci --prefix .local/node --ignore-scripts --silent --no-fund --no-audit
cp "$lock" .local/node/installed.json
