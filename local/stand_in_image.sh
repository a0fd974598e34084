#!/bin/sh
# Creates a replacement for the image public.ecr.aws/lambda/provided:al2023, for machines without a registry. It contains busybox
# and this machine's C library, which must be glibc for the processor of the functions. Prints the image's name.
set -eu

image=darkroom/provided:al2023
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
command -v busybox >/dev/null 2>&1 || {
    echo "error: busybox is missing: apt-get install busybox-static" >&2
    exit 1
}

mkdir -p "$root/bin" "$root/etc/ssl/certs" "$root/tmp" "$root/var/task" "$root/var/rapid"
cp "$(command -v busybox)" "$root/bin/busybox"
for tool in sh mv chmod cp rm ls; do ln -s busybox "$root/bin/$tool"; done
# The libraries that Rust's binaries load, at their paths on this machine.
linker=$(ldd /bin/sh | grep -o '/[^ ]*/ld-linux[^ ]*')
cp -L --parents "$linker" "$root"
mkdir -p "$root/lib"
for library in libc.so.6 libm.so.6 libgcc_s.so.1; do cp -L "$(cc -print-file-name=$library)" "$root/lib/"; done
tar -C "$root" -c . | docker import --change 'ENV PATH=/bin LD_LIBRARY_PATH=/lib' - "$image" >/dev/null
echo "$image"
