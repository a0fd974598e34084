//! `darkroom upload`, to the stack that `make test` deploys; `DARKROOM_OUTPUTS` says where.
#![allow(clippy::unwrap_used)]

use std::{env, fs, path::Path};

use assert_cmd::Command;
use tempfile::TempDir;

/// The command, uploading to the deployed stack.
fn upload(folder: &Path) -> Command {
    let outputs = env::var("DARKROOM_OUTPUTS").expect("DARKROOM_OUTPUTS names a stack's outputs");
    let mut command = Command::cargo_bin("darkroom").unwrap();
    command
        .current_dir(folder)
        .args(["upload", "--outputs", &outputs])
        .env_remove("DARKROOM_STACK");
    command
}

fn chart(path: &Path) {
    let upright = imaging::Orientation::try_from(1).unwrap();
    fs::write(path, imaging::chart::jpeg(imaging::Size::new(600, 400), upright)).unwrap();
}

#[test]
#[ignore = "needs a local cloud: make test"]
fn a_picture_is_followed_to_its_renditions_and_they_are_fetched() {
    let folder = TempDir::new().unwrap();
    chart(&folder.path().join("cli chart.jpg"));
    let mut command = upload(folder.path());
    let run = command.args(["cli chart.jpg", "--replace", "--out", "out"]).assert().success();
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
#[ignore = "needs a local cloud: make test"]
fn one_bad_picture_in_a_folder_is_named_and_the_others_go_on() {
    let folder = TempDir::new().unwrap();
    let pictures = folder.path().join("pictures");
    fs::create_dir(&pictures).unwrap();
    chart(&pictures.join("cli-good.jpg"));
    fs::write(pictures.join("cli-diary.jpg"), "Dear diary").unwrap();
    let mut command = upload(folder.path());
    let run = command.args(["pictures", "--replace", "--json"]).assert().code(1);
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

/// Exit code, standard output and standard error of an upload of a chart of that name, a few pixels wide.
fn uploaded(name: &str, width: u32, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    let upright = imaging::Orientation::try_from(1).unwrap();
    let picture = imaging::chart::jpeg(imaging::Size::new(width, 100), upright);
    fs::write(folder.path().join(name), picture).unwrap();
    let run = upload(folder.path()).arg(name).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code(), text(run.stdout), text(run.stderr))
}

#[test]
#[ignore = "needs a local cloud: make test"]
fn a_picture_that_is_there_is_replaced_only_if_that_is_asked_for() {
    let name = format!("cli-there-{}.jpg", std::process::id());
    let (code, text, errors) = uploaded(&name, 200, &[]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(text.contains(&format!("key uploads/{name}")), "{text}");

    let (code, _, errors) = uploaded(&name, 220, &[]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("--replace"), "{errors}");

    let (code, _, errors) = uploaded(&name, 220, &["--replace"]);
    assert_eq!(code, Some(0), "{errors}");
}

#[test]
#[ignore = "needs a local cloud: make test"]
fn a_profile_that_the_deployment_has_not_is_named() {
    let name = format!("cli-profile-{}.jpg", std::process::id());
    let (code, _, errors) = uploaded(&name, 200, &["--profile", "widhts"]);
    assert_eq!(code, Some(1));
    assert!(
        errors.contains("no profile 'widhts'") && errors.contains("rendered by 'web'"),
        "{errors}"
    );
}

#[test]
fn upload_refuses_an_outputs_file_with_a_remote_endpoint() {
    let folder = TempDir::new().unwrap();
    chart(&folder.path().join("a.jpg"));
    let endpoint = "http://192.0.2.1:4566";
    let outputs = serde_json::json!({
        "AccessKeyId": "a", "SecretAccessKey": "b", "Region": "eu-central-1", "Endpoint": endpoint,
    });
    fs::write(folder.path().join("outputs.json"), outputs.to_string()).unwrap();
    let mut command = Command::cargo_bin("darkroom").unwrap();
    command.current_dir(folder.path()).env_remove("DARKROOM_STACK");
    let run = command.args(["upload", "--outputs", "outputs.json", "a.jpg"]).assert().code(2);
    let said = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(said.contains(endpoint) && said.contains("not on this machine"), "{said}");
}
