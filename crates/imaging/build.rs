//! Stops the build if nasm is missing. Without nasm, mozjpeg-sys only warns and builds mozjpeg without SIMD code, and
//! rendering takes twice the time.
//!
//! A build from a cache may skip this check. Such a build does not link: `ffi::libjpeg` calls mozjpeg's SIMD functions.

use std::env;
use std::process::Command;

fn main() {
    // `PATH` is not watched: sam and people use different ones, and each change would build everything again.
    println!("cargo::rerun-if-changed=build.rs");
    // On other architectures, the C compiler assembles the SIMD code.
    let needs_nasm = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "x86_64");
    if needs_nasm && Command::new("nasm").arg("-v").output().is_err() {
        println!("cargo::error=nasm is missing, so mozjpeg would be built without SIMD: apt-get install nasm");
    }
}
