//! Runs `darkroom upload` on the stack that `make test` deploys; `DARKROOM_OUTPUTS` names its outputs.
#![allow(clippy::unwrap_used)]

use std::{env, fs, path::Path};

use assert_cmd::Command;
use tempfile::TempDir;

/// The upload command for the deployed stack.
fn upload_command(folder: &Path) -> Command {
    let outputs = env::var("DARKROOM_OUTPUTS").expect("DARKROOM_OUTPUTS names a stack's outputs");
    let mut command = Command::cargo_bin("darkroom").unwrap();
    command.current_dir(folder).args(["upload", "--outputs", &outputs]).env_remove("DARKROOM_STACK");
    command
}

fn write_chart(path: &Path, width: u32, height: u32) {
    let size = imaging::Size::new(width, height);
    fs::write(path, imaging::chart::jpeg(size, imaging::Orientation::UPRIGHT)).unwrap();
}

#[test]
#[ignore = "needs a local cloud: make test"]
fn each_state_is_printed_and_the_renditions_are_downloaded() {
    let folder = TempDir::new().unwrap();
    write_chart(&folder.path().join("cli chart.jpg"), 600, 400);
    let mut command = upload_command(folder.path());
    let run = command.args(["cli chart.jpg", "--replace", "--out", "out"]).assert().success();
    let text = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    for expected in
        ["Validate Upload", "Resize Renditions", "Notify Completion", "completed in", "thumbnail", "300×200"]
    {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let downloaded = fs::read_dir(folder.path().join("out")).unwrap().count();
    assert_eq!(downloaded, 4);
}

#[test]
#[ignore = "needs a local cloud: make test"]
fn a_rejected_picture_does_not_stop_the_others() {
    let folder = TempDir::new().unwrap();
    let pictures = folder.path().join("pictures");
    fs::create_dir(&pictures).unwrap();
    write_chart(&pictures.join("cli-good.jpg"), 600, 400);
    fs::write(pictures.join("cli-diary.jpg"), "Dear diary").unwrap();
    let mut command = upload_command(folder.path());
    let run = command.args(["pictures", "--replace", "--json"]).assert().code(1);
    let text = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    let records = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let mut outcomes: Vec<_> = records.map(|record| record["status"].clone()).collect();
    outcomes.sort_by_key(ToString::to_string);
    assert_eq!(outcomes, ["completed", "rejected"]);
}

#[test]
fn without_a_stack_the_error_says_how_to_get_one() {
    let folder = TempDir::new().unwrap();
    let mut command = Command::cargo_bin("darkroom").unwrap();
    command.current_dir(folder.path()).args(["upload", "x.jpg"]).env_remove("DARKROOM_STACK");
    let run = command.assert().code(2);
    let errors = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(errors.contains("make up") && errors.contains("--stack"), "{errors}");
}

/// Uploads a chart. Returns exit code, standard output and standard error.
fn upload_chart(name: &str, width: u32, arguments: &[&str]) -> (Option<i32>, String, String) {
    let folder = TempDir::new().unwrap();
    write_chart(&folder.path().join(name), width, 100);
    let run = upload_command(folder.path()).arg(name).args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code(), text(run.stdout), text(run.stderr))
}

#[test]
#[ignore = "needs a local cloud: make test"]
fn an_existing_picture_is_replaced_only_with_replace() {
    let name = format!("cli-there-{}.jpg", std::process::id());
    let (code, text, errors) = upload_chart(&name, 200, &[]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(text.contains(&format!("key uploads/{name}")), "{text}");

    let (code, _, errors) = upload_chart(&name, 220, &[]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("--replace"), "{errors}");

    let (code, _, errors) = upload_chart(&name, 220, &["--replace"]);
    assert_eq!(code, Some(0), "{errors}");
}

#[test]
#[ignore = "needs a local cloud: make test"]
fn a_profile_that_is_not_deployed_is_an_error() {
    let name = format!("cli-profile-{}.jpg", std::process::id());
    let (code, _, errors) = upload_chart(&name, 200, &["--profile", "widhts"]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("no profile 'widhts'") && errors.contains("rendered by 'web'"), "{errors}");
}

#[test]
fn upload_refuses_an_outputs_file_with_a_remote_endpoint() {
    let folder = TempDir::new().unwrap();
    write_chart(&folder.path().join("a.jpg"), 600, 400);
    let endpoint = "http://192.0.2.1:4566";
    let outputs = serde_json::json!({
        "AccessKeyId": "a", "SecretAccessKey": "b", "Region": "eu-central-1", "Endpoint": endpoint,
    });
    fs::write(folder.path().join("outputs.json"), outputs.to_string()).unwrap();
    let mut command = Command::cargo_bin("darkroom").unwrap();
    command.current_dir(folder.path()).env_remove("DARKROOM_STACK");
    let run = command.args(["upload", "--outputs", "outputs.json", "a.jpg"]).assert().code(2);
    let errors = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(errors.contains(endpoint) && errors.contains("not on this machine"), "{errors}");
}
