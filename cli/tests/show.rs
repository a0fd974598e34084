//! `darkroom show`, of executions on the stack that `make test` deploys; `DARKROOM_OUTPUTS` says where.
#![allow(clippy::unwrap_used)]

use std::{collections::HashMap, env, fs, path::Path, time::Duration};

use assert_cmd::Command;
use aws_config::Region;
use aws_sdk_s3::config::Credentials;
use aws_sdk_sfn::types::ExecutionStatus;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The file with the deployed stack's outputs, and the outputs.
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

fn shown(outputs: &str, arguments: &[&str]) -> String {
    let (code, text, errors) = darkroom(&[&["show", "--outputs", outputs], arguments].concat());
    assert_eq!(code, 0, "{errors}");
    text
}

/// The record of a picture that was uploaded for the test.
fn uploaded(outputs: &str, folder: &Path, name: &str) -> Value {
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
fn a_picture_is_shown_by_its_key_and_by_its_executions_name_and_arn() {
    let (path, _) = outputs();
    let folder = TempDir::new().unwrap();
    let record = uploaded(&path, folder.path(), "cli show (1).jpg");
    let arn = record["execution"].as_str().unwrap();
    let by_key = shown(&path, &[record["key"].as_str().unwrap()]);
    for expected in [
        "SUCCEEDED after",
        arn,
        "Validate Upload",
        "accepted",
        "Resize Renditions",
        "Notify Completion",
        "completed",
    ] {
        assert!(by_key.contains(expected), "{expected}: {by_key}");
    }
    assert_eq!(shown(&path, &[arn]), by_key);
    assert_eq!(shown(&path, &[arn.rsplit(':').next().unwrap()]), by_key);
}

#[test]
#[ignore = "needs a local cloud: make test"]
fn in_full_every_input_and_output_is_there() {
    let (path, _) = outputs();
    let folder = TempDir::new().unwrap();
    let record = uploaded(&path, folder.path(), "cli show full.jpg");
    let text = shown(&path, &["--full", record["key"].as_str().unwrap()]);
    let etag = record["etag"].as_str().unwrap();
    for expected in ["Validate Upload, input:", "Notify Completion, output:", etag, "\"jobs\": ["] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_red_execution_says_which_state_broke_and_of_what() {
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
    let running = async || {
        let execution = step_functions.describe_execution().execution_arn(&arn).send().await;
        execution.unwrap().status == ExecutionStatus::Running
    };
    while running().await {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let text = shown(&path, &[&arn]);
    for expected in
        ["FAILED after", "error      SourceGone", "not left", "Validate Upload, try 1: SourceGone"]
    {
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
fn what_is_not_there_is_said_to_be_missing_and_a_local_cloud_has_no_console() {
    let (path, _) = outputs();
    let (code, _, errors) = darkroom(&["show", "--outputs", &path, "uploads/never-was.jpg"]);
    assert_eq!(code, 2);
    assert!(errors.contains("no record of a key 'uploads/never-was.jpg'"), "{errors}");

    let folder = TempDir::new().unwrap();
    let record = uploaded(&path, folder.path(), "cli show open.jpg");
    let key = record["key"].as_str().unwrap();
    let (code, _, errors) = darkroom(&["show", "--open", "--outputs", &path, key]);
    assert_eq!(code, 2);
    assert!(errors.contains("no console"), "{errors}");
}
