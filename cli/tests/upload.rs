//! `darkroom upload`, to the stack that `make test` deploys; `DARKROOM_OUTPUTS` says where.
#![allow(clippy::unwrap_used)]

use std::{env, fs, path::Path};

use assert_cmd::Command;
use tempfile::TempDir;

/// The command, uploading to the deployed stack; none if none is.
fn upload(folder: &Path) -> Option<Command> {
    let Ok(outputs) = env::var("DARKROOM_OUTPUTS") else {
        println!("skipped: no local cloud is deployed (`make test` deploys one)");
        return None;
    };
    let mut command = Command::cargo_bin("darkroom").unwrap();
    command
        .current_dir(folder)
        .args(["upload", "--outputs", &outputs])
        .env_remove("DARKROOM_STACK");
    Some(command)
}

fn chart(path: &Path) {
    let upright = imaging::Orientation::try_from(1).unwrap();
    fs::write(path, imaging::chart::jpeg(imaging::Size::new(600, 400), upright)).unwrap();
}

#[test]
fn a_picture_is_followed_to_its_renditions_and_they_are_fetched() {
    let folder = TempDir::new().unwrap();
    chart(&folder.path().join("cli chart.jpg"));
    let Some(mut command) = upload(folder.path()) else { return };
    let run = command.args(["cli chart.jpg", "--out", "out"]).assert().success();
    let text = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    for expected in [
        "Validate Upload",
        "Resize Renditions",
        "Notify Completion",
        "completed in",
        "thumbnail",
        "300×200",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let fetched = fs::read_dir(folder.path().join("out")).unwrap().count();
    assert_eq!(fetched, 4);
}

#[test]
fn one_bad_picture_in_a_folder_is_named_and_the_others_go_on() {
    let folder = TempDir::new().unwrap();
    let pictures = folder.path().join("pictures");
    fs::create_dir(&pictures).unwrap();
    chart(&pictures.join("cli-good.jpg"));
    fs::write(pictures.join("cli-diary.jpg"), "Dear diary").unwrap();
    let Some(mut command) = upload(folder.path()) else { return };
    let run = command.args(["pictures", "--json"]).assert().code(1);
    let text = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    let records = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let mut outcomes: Vec<_> = records.map(|record| record["status"].clone()).collect();
    outcomes.sort_by_key(ToString::to_string);
    assert_eq!(outcomes, ["completed", "rejected"]);
}

#[test]
fn without_a_stack_it_says_how_to_get_one() {
    let folder = TempDir::new().unwrap();
    let mut command = Command::cargo_bin("darkroom").unwrap();
    command.current_dir(folder.path()).args(["upload", "x.jpg"]).env_remove("DARKROOM_STACK");
    let run = command.assert().code(2);
    let errors = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(errors.contains("make up") && errors.contains("--stack"), "{errors}");
}
