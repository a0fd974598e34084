//! End-to-end tests: the functions' binaries, the state machine and the template, deployed on the local cloud.
//!
//! The tests are ignored by default, because they need a deployed stack. `make test` deploys one and runs them.

mod adapters;
mod order;
mod outcomes;
mod profiles;
mod removal;

/// A JPEG of 2000×1500 px after orientation. Its pixels are stored rotated, with EXIF orientation 6.
fn chart() -> Vec<u8> {
    let rotated = imaging::Orientation::try_from(6).expect("EXIF orientations are 1 to 8");
    imaging::chart::jpeg(imaging::Size::new(2000, 1500), rotated)
}

/// A JPEG of `width`×300 px that needs no rotation.
fn small_chart(width: u32) -> Vec<u8> {
    imaging::chart::jpeg(imaging::Size::new(width, 300), imaging::Orientation::UPRIGHT)
}
