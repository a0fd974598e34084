#!/bin/sh
# The templates against what security teams ask for, by checkov; .checkov.yaml says what is left out, and why.
set -eu

environment=.local/lint
if [ ! -x "$environment/bin/checkov" ]; then
    echo "installing checkov into $environment (a minute, once)" >&2
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet --disable-pip-version-check checkov==3.3.30
fi
exec "$environment/bin/checkov" --config-file .checkov.yaml --file template.yaml docs/deploy-role.yaml
