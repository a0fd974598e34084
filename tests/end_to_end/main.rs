//! Stories of the whole: the real binaries, the real state machine, the real template, deployed on
//! the local cloud. Ignored without one: `make test` deploys it.

mod adapters;
mod order;
mod outcomes;
mod profiles;
mod removal;

/// A JPEG of 2000×1500 px as it is seen, lying on its side in the file.
fn chart() -> Vec<u8> {
    let on_its_side = imaging::Orientation::try_from(6).expect("EXIF has 1 to 8");
    imaging::chart::jpeg(imaging::Size::new(2000, 1500), on_its_side)
}

/// A smaller one, upright.
fn small_chart(width: u32) -> Vec<u8> {
    let upright = imaging::Orientation::try_from(1).expect("EXIF has 1 to 8");
    imaging::chart::jpeg(imaging::Size::new(width, 300), upright)
}
