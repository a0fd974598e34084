//! Refuses to build where mozjpeg would only warn, and drop its SIMD: a renderer of half the speed.
//!
//! That a build without it did not slip through all the same (from a cache, say) is what
//! `ffi::libjpeg::SIMD` is for, which does not link then.

use std::env;
use std::process::Command;

fn main() {
    // Not when PATH changes: sam builds with another than people do, and all would be built again each time.
    println!("cargo::rerun-if-changed=build.rs");
    // On other architectures, the C compiler assembles what there is.
    let needs_nasm = env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|arch| arch == "x86_64");
    if needs_nasm && Command::new("nasm").arg("-v").output().is_err() {
        println!(
            "cargo::error=nasm is missing, and mozjpeg would be built without SIMD: apt-get install nasm"
        );
    }
}
