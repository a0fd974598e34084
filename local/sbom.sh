#!/bin/sh
# Lists what the binaries for this machine are made of, as CycloneDX, by cargo-cyclonedx: a list beside each file of a
# release, named after it. usage: sbom.sh FOLDER ARCHITECTURE
set -eu

folder=$1
architecture=$2
mkdir -p "$folder"
cargo cyclonedx --quiet --format json --describe binaries
mv cli/darkroom_bin.cdx.json "$folder/darkroom-linux-$architecture.tar.gz.cdx.json"
for function in functions/*; do
    name=$(basename "$function")
    mv "$function/${name}_bin.cdx.json" "$folder/darkroom-$name-$architecture.zip.cdx.json"
done
# What only the tests run is no part of a release.
rm -f tests/*_bin.cdx.json
