//! Runs `darkroom show` on the stack that `make test` deploys; `DARKROOM_OUTPUTS` names its outputs.
#![allow(clippy::unwrap_used)]

use std::{collections::HashMap, env, fs, path::Path, time::Duration};

use assert_cmd::Command;
use aws_config::Region;
use aws_sdk_s3::config::Credentials;
use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The path of the file with the outputs of the stack, and the outputs.
fn outputs() -> (String, HashMap<String, String>) {
    let path = env::var("DARKROOM_OUTPUTS").expect("DARKROOM_OUTPUTS names a stack's outputs");
    let outputs = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    (path, outputs)
}

fn darkroom(arguments: &[&str]) -> (i32, String, String) {
    let mut command = Command::cargo_bin("darkroom").unwrap();
    let run = command.args(arguments).env_remove("DARKROOM_STACK").output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (run.status.code().unwrap(), text(run.stdout), text(run.stderr))
}

fn show(outputs: &str, arguments: &[&str]) -> String {
    let (code, text, errors) = darkroom(&[&["show", "--outputs", outputs], arguments].concat());
    assert_eq!(code, 0, "{errors}");
    text
}

/// Uploads a picture, and returns its record.
fn upload(outputs: &str, folder: &Path, name: &str) -> Value {
    let file = folder.join(name);
    let upright = imaging::Orientation::try_from(1).unwrap();
    fs::write(&file, imaging::chart::jpeg(imaging::Size::new(320, 200), upright)).unwrap();
    let (code, record, errors) =
        darkroom(&["upload", "--replace", "--json", "--outputs", outputs, file.to_str().unwrap()]);
    assert_eq!(code, 0, "{errors}");
    serde_json::from_str(&record).unwrap()
}

#[test]
#[ignore = "needs a local cloud: make test"]
fn an_execution_is_found_by_key_name_and_arn() {
    let (path, _) = outputs();
    let folder = TempDir::new().unwrap();
    let record = upload(&path, folder.path(), "cli show (1).jpg");
    let arn = record["execution"].as_str().unwrap();
    let by_key = show(&path, &[record["key"].as_str().unwrap()]);
    for expected in
        ["SUCCEEDED after", arn, "Validate Upload", "accepted", "Resize Renditions", "Notify Completion", "completed"]
    {
        assert!(by_key.contains(expected), "{expected}: {by_key}");
    }
    assert_eq!(show(&path, &[arn]), by_key);
    assert_eq!(show(&path, &[arn.rsplit(':').next().unwrap()]), by_key);
}

#[test]
#[ignore = "needs a local cloud: make test"]
fn a_rejected_picture_shows_its_code_the_reason_and_what_to_do() {
    let (path, _) = outputs();
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("cli diary.jpg");
    fs::write(&file, "Dear diary").unwrap();
    let (code, record, errors) =
        darkroom(&["upload", "--replace", "--json", "--outputs", &path, file.to_str().unwrap()]);
    assert_eq!(code, 1, "{errors}");
    let record: Value = serde_json::from_str(&record).unwrap();
    for what in ["key", "execution"] {
        let text = show(&path, &[record[what].as_str().unwrap()]);
        let expected = "picture    rejected: the file is not an image, but text (not_an_image); upload a picture";
        assert!(text.contains(expected), "{what}: {text}");
    }
}

#[test]
#[ignore = "needs a local cloud: make test"]
fn full_shows_every_input_and_output() {
    let (path, _) = outputs();
    let folder = TempDir::new().unwrap();
    let record = upload(&path, folder.path(), "cli show full.jpg");
    let text = show(&path, &["--full", record["key"].as_str().unwrap()]);
    let etag = record["etag"].as_str().unwrap();
    for expected in ["Validate Upload, input:", "Notify Completion, output:", etag, "\"jobs\": ["] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_failed_execution_shows_which_state_failed_and_why() {
    let (path, outputs) = outputs();
    let step_functions = step_functions(&outputs);
    let input = json!({
        "detail": {
            "bucket": {"name": outputs["SourceBucketName"]},
            "object": {
                "key": "uploads/cli-gone.jpg",
                "size": 1000,
                "etag": "9b2cf535f27731c974343645a3985328",
                "version-id": "never-was",
                "sequencer": "0065AED6DCD90281E6",
            },
        },
        "time": "2026-05-01T12:00:00Z",
    });
    let start = step_functions.start_execution().state_machine_arn(&outputs["StateMachineArn"]);
    let arn = start.input(input.to_string()).send().await.unwrap().execution_arn;
    let is_running = async || {
        let execution = step_functions.describe_execution().execution_arn(&arn).send().await;
        execution.unwrap().status == ExecutionStatus::Running
    };
    while is_running().await {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let text = show(&path, &[&arn]);
    for expected in ["FAILED after", "error      SourceGone", "not exited", "Validate Upload, attempt 1: SourceGone"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

fn step_functions(outputs: &HashMap<String, String>) -> aws_sdk_sfn::Client {
    let config = aws_sdk_sfn::Config::builder()
        .behavior_version(aws_sdk_sfn::config::BehaviorVersion::latest())
        .http_client(pipeline::aws::https_client())
        .endpoint_url(&outputs["Endpoint"])
        .region(Region::new(outputs["Region"].clone()))
        .credentials_provider(Credentials::new(
            &outputs["AccessKeyId"],
            &outputs["SecretAccessKey"],
            None,
            None,
            "local cloud",
        ));
    aws_sdk_sfn::Client::from_conf(config.build())
}

#[test]
#[ignore = "needs a local cloud: make test"]
fn an_unknown_key_is_an_error_and_so_is_opening_the_console_of_the_local_cloud() {
    let (path, _) = outputs();
    let (code, _, errors) = darkroom(&["show", "--outputs", &path, "uploads/never-was.jpg"]);
    assert_eq!(code, 2);
    assert!(errors.contains("no record of a key 'uploads/never-was.jpg'"), "{errors}");

    let folder = TempDir::new().unwrap();
    let record = upload(&path, folder.path(), "cli show open.jpg");
    let key = record["key"].as_str().unwrap();
    let (code, _, errors) = darkroom(&["show", "--open", "--outputs", &path, key]);
    assert_eq!(code, 2);
    assert!(errors.contains("no console"), "{errors}");
}
