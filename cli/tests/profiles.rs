//! Runs `darkroom profiles`.
#![allow(clippy::unwrap_used)]

use std::fs;

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Runs the command in a folder with a file `mine.json`. Returns exit code, standard output and standard error.
fn profiles(text: &str, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("mine.json"), text).unwrap();
    let mut darkroom = Command::cargo_bin("darkroom").unwrap();
    let run = darkroom.current_dir(folder.path()).arg("profiles").args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code(), text(run.stdout), text(run.stderr))
}

#[test]
fn without_a_file_the_profiles_that_ship_are_listed() {
    let (code, text, _) = profiles("", &[]);
    assert_eq!(code, Some(0));
    for expected in ["web (default)", "proxy-2048", "the source's", "150 wide", "webp, quality 80"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[test]
fn sizes_are_printed_as_a_file_that_can_be_deployed() {
    let (code, file, _) = profiles("", &["--sizes", "200x200,400x300"]);
    assert_eq!(code, Some(0));
    let (code, answer, errors) = profiles(&file, &["mine.json", "--json"]);
    assert_eq!(code, Some(0), "{errors}");
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer["default"], "mine");
    let renditions = answer["profiles"]["mine"]["renditions"].as_array().unwrap();
    let names: Vec<_> = renditions.iter().map(|spec| spec["name"].clone()).collect();
    assert_eq!(names, [json!("200x200"), json!("400x300")]);
}

#[test]
fn invalid_profiles_are_refused_with_one_error() {
    let one = r#"{"renditions": [{"name": "a", "format": "png"}]}"#;
    let two = format!(r#"{{"a": {one}, "b": {one}}}"#);
    for (text, arguments, expected) in [
        ("{", &["mine.json"][..], "mine.json is not JSON"),
        ("[]", &["mine.json"], "holds no profiles"),
        (&one.replace("png", "bmp"), &["mine.json"], "unknown variant `bmp`"),
        (one, &["mine.json", "--default", "web"], "no profile is named 'web'; there are: mine"),
        (&two, &["mine.json"], "which profile is the default: a, b?"),
        ("", &["--sizes", "200"], "'200' is not a size: write WIDTHxHEIGHT"),
        ("", &["--sizes", "0x200"], "a side of 0 px"),
        ("", &["nothing.json"], "reading nothing.json"),
    ] {
        let (code, printed, errors) = profiles(text, arguments);
        assert_eq!((code, printed.as_str()), (Some(2), ""), "{expected}");
        assert_eq!(errors.matches(expected).count(), 1, "{expected}: {errors}");
    }
}
