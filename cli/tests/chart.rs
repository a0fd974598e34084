//! Runs `darkroom chart`.
#![allow(clippy::unwrap_used)]

use std::fs;

use assert_cmd::Command;
use imaging::{Orientation, Probe, Size, probe};
use tempfile::TempDir;

#[test]
fn a_chart_has_the_requested_size_and_orientation() {
    let folder = TempDir::new().unwrap();
    let mut darkroom = Command::cargo_bin("darkroom").unwrap();
    darkroom.current_dir(folder.path());

    let run = darkroom.args(["chart", "--megapixels", "1", "--orientation", "6", "a.jpg"]).assert();

    let output = String::from_utf8(run.success().get_output().stdout.clone()).unwrap();
    assert_eq!(output, "a.jpg: 1155×866, orientation 6\n");
    let bytes = fs::read(folder.path().join("a.jpg")).unwrap();
    let Probe::Header(header) = probe(&bytes, bytes.len() as u64).unwrap() else { panic!() };
    assert_eq!(header.orientation, Orientation::try_from(6).unwrap());
    assert_eq!(header.size, Size::new(1155, 866));
}

#[test]
fn a_chart_replaces_a_file_only_with_force_and_must_be_a_jpeg() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("photo.jpg");
    fs::write(&path, "a photograph").unwrap();
    let chart = |arguments: &[&str]| {
        let mut darkroom = Command::cargo_bin("darkroom").unwrap();
        darkroom.current_dir(folder.path()).args(["chart", "--megapixels", "0.01"]).args(arguments).output().unwrap()
    };

    let refused = chart(&["photo.jpg"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--force"));
    assert_eq!(fs::read(&path).unwrap(), b"a photograph");

    assert_eq!(chart(&["photo.png"]).status.code(), Some(2));
    assert!(!folder.path().join("photo.png").exists());

    assert!(chart(&["photo.jpg", "--force"]).status.success());
    assert!(fs::read(&path).unwrap().starts_with(&[0xFF, 0xD8]));
    assert!(chart(&["-"]).stdout.starts_with(&[0xFF, 0xD8]));
}
