//! `darkroom chart`, as people call it.
#![allow(clippy::unwrap_used)]

use std::fs;

use assert_cmd::Command;
use imaging::{Orientation, Probe, Size, probe};
use tempfile::TempDir;

#[test]
fn a_chart_is_a_picture_that_lies_as_it_was_told() {
    let folder = TempDir::new().unwrap();
    let mut darkroom = Command::cargo_bin("darkroom").unwrap();
    darkroom.current_dir(folder.path());

    let run = darkroom.args(["chart", "--megapixels", "1", "--orientation", "6", "a.jpg"]).assert();

    let said = String::from_utf8(run.success().get_output().stdout.clone()).unwrap();
    assert_eq!(said, "a.jpg: 1155×866, orientation 6\n");
    let bytes = fs::read(folder.path().join("a.jpg")).unwrap();
    let Probe::Header(header) = probe(&bytes, bytes.len() as u64).unwrap() else { panic!() };
    assert_eq!(header.orientation, Orientation::try_from(6).unwrap());
    assert_eq!(header.size, Size::new(1155, 866));
}
