#!/bin/sh
# Runs each fuzz target under AddressSanitizer.
# usage: fuzz/run.sh [SECONDS for each target, default 60]
#
# The Rust code and the C code of the codecs are instrumented, their assembly is not. One line is printed for each
# target. Inputs that crash are written to fuzz/artifacts/.
set -eu

seconds=${1:-60}
log=fuzz/target/fuzz.log
export PATH="$PWD/.local/fuzz/bin:$PATH"

# Debian's clang package only recommends the package with the sanitizers' headers.
echo '#include <sanitizer/asan_interface.h>' | clang -E - >/dev/null 2>&1 || {
    echo "error: clang or its sanitizers are missing: apt-get install --install-recommends clang" >&2
    exit 1
}
if ! command -v cargo-fuzz >/dev/null; then
    echo "building cargo-fuzz (some minutes, the first time)"
    cargo install --quiet --locked --root .local/fuzz cargo-fuzz@0.13.1
fi
mkdir -p fuzz/target
# The fuzz workspace uses the versions of the main lock file.
cp Cargo.lock fuzz/Cargo.lock

# Valid pictures are the first inputs. probe's first two bytes are added to the source's length, render's first byte
# chooses the spec.
cargo run --quiet --package imaging --example seeds fuzz/corpus/pictures
mkdir -p fuzz/corpus/formats fuzz/corpus/heic fuzz/corpus/jpeg fuzz/corpus/probe fuzz/corpus/render fuzz/corpus/messages fuzz/corpus/requests
for picture in fuzz/corpus/pictures/*; do
    name=$(basename "$picture")
    { printf '\000\000'; cat "$picture"; } >"fuzz/corpus/probe/$name"
    { printf '\377'; cat "$picture"; } >"fuzz/corpus/formats/$name"
    for choice in 00 01 02 03 04 05 06 07 10; do
        { printf "\\0$choice"; cat "$picture"; } >"fuzz/corpus/render/$choice-$name"
    done
done
# The first byte chooses the scales (all 1/8, all 8/8, mixed), the next two the part of the picture (all of it).
for picture in fuzz/corpus/pictures/*.jpg; do
    name=$(basename "$picture")
    for scales in 000 117 064; do
        { printf "\\$scales\\017\\017\\007"; cat "$picture"; } >"fuzz/corpus/jpeg/$scales-$name"
    done
done
# The sides, the length of the configuration, the configuration, the pixels.
python3 - <<'PYTHON'
import pathlib, struct
for path in pathlib.Path("crates/imaging/tests/pictures/heic").glob("*.heic"):
    file = path.read_bytes()
    def content(name):
        at = file.index(name) + 4
        return file[at : at - 8 + struct.unpack(">I", file[at - 8 : at - 4])[0]]
    config, pixels = content(b"hvcC"), content(b"mdat")
    sides = (64, 64) if path.name.startswith("tile") else (120, 100)
    pathlib.Path("fuzz/corpus/heic", path.stem).write_bytes(struct.pack(">BBH", *sides, len(config)) + config + pixels)
PYTHON
cp events/*.json fuzz/corpus/messages
cp events/images.*.json fuzz/corpus/requests

# The stable compiler accepts the sanitizer flags only with RUSTC_BOOTSTRAP.
export RUSTC_BOOTSTRAP=1 CC=clang CFLAGS='-fsanitize=address,fuzzer-no-link -fno-omit-frame-pointer -g1'
echo "building the fuzz targets (some minutes, the first time)"
cargo fuzz build --sanitizer address --features functions

# Leaks are checked at the end of a run. Only statics are allocated until then.
failed=0
for target in formats heic jpeg probe render messages requests; do
    if cargo fuzz run --sanitizer address --features functions $target -- \
        -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 >$log 2>&1; then
        runs=$(sed -n 's/^stat::number_of_executed_units: *//p' $log)
        echo "$target: $seconds s, $runs inputs, no crash"
    else
        failed=1
        echo "$target: FAILED"
        tail -40 $log
    fi
done
exit $failed
