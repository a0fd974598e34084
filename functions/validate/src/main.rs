//! Darkroom.
fn main() {}
