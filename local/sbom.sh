#!/bin/sh
# Lists the components of this machine's binaries as CycloneDX, by cargo-cyclonedx: one list for each file of a release, named
# after the file. usage: sbom.sh FOLDER ARCHITECTURE
set -eu

folder=$1
architecture=$2
mkdir -p "$folder"
# Published binaries leave HEIC out.
cargo cyclonedx --quiet --no-default-features --format json --describe binaries
mv cli/darkroom_bin.cdx.json "$folder/darkroom-linux-$architecture.tar.gz.cdx.json"
for function in functions/*; do
    name=$(basename "$function")
    mv "$function/${name}_bin.cdx.json" "$folder/darkroom-$name-$architecture.zip.cdx.json"
done
# The tests' own programs are not in a release.
rm -f tests/*_bin.cdx.json
