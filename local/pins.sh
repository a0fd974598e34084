#!/bin/sh
# Writes npm's lock files, and each requirements*.txt from the requirements*.in beside it: every package with its version and
# the hashes of its files, for every supported Python. Versions stay unchanged unless the .in file changes them, or UPGRADE=yes
# asks for the newest.
set -eu

python3 local/cloud.py setup uv

# uv needs no installed Python for this: it reads the metadata of the packages.
export UV_PYTHON_DOWNLOADS=never
for wanted in local/requirements-*.in bench/requirements.in; do
    pinned=${wanted%.in}.txt
    # The version in the file's comment, or the oldest that the local cloud supports.
    oldest=$(sed -n 's/.*Python \(3\.[0-9]*\) or newer.*/\1/p' "$wanted")
    case $wanted in
    *-bare.in) dependencies=--no-deps ;;
    *) dependencies= ;;
    esac
    echo "writing $pinned"
    # shellcheck disable=SC2086 # a list of words
    .local/uv/bin/uv --quiet --no-config pip compile --universal --python-version "${oldest:-3.10}" \
        --generate-hashes --no-strip-extras --no-emit-index-url --custom-compile-command 'make pins' \
        $dependencies ${UPGRADE:+--upgrade} --output-file "$pinned" "$wanted"
    # If both `boto3[crt]` and `boto3` are required, pip needs hashes for both: a second entry without the extra is added.
    awk '
        function flush() { if (bare != "") printf "%s", bare; bare = "" }
        /^[a-z0-9]/ { flush() }
        { print }
        /^[a-z0-9._-]+\[/ { bare = $0; sub(/\[[^]]*\]/, "", bare); bare = bare "\n"; next }
        bare != "" { bare = bare $0 "\n" }
        END { flush() }
    ' "$pinned" >"$pinned.new"
    mv "$pinned.new" "$pinned"
done

for folder in local/node bench/peers; do
    echo "writing $folder/package-lock.json"
    npm install --prefix "$folder" --package-lock-only --silent --no-audit --no-fund --omit-lockfile-registry-resolved
done
