//! Runs `darkroom redrive` on the stack that `make test` deploys; `DARKROOM_OUTPUTS` names its outputs. Two tests run
//! the commands of docs/operations.md, as they are printed there.
#![allow(clippy::unwrap_used)]

use std::env;

use assert_cmd::Command;
use aws_sdk_sfn::types::ExecutionStatus;
use end_to_end::{DeployedStack, EventListener, UploadRule, UploadedSource, wait_for};
use pipeline::{Record, Sequencer, Status, Timestamp, ports::Records};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

const RUNBOOK: &str = include_str!("../../docs/operations.md");
/// The name of the stack on the local cloud.
const STACK: &str = "darkroom-local";

/// Held by each test: a redrive of all executions includes those of the other tests.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

async fn deployed_stack() -> (DeployedStack, MutexGuard<'static, ()>) {
    (DeployedStack::find(), ONE_AT_A_TIME.lock().await)
}

fn redrive(options: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("darkroom").unwrap();
    let outputs = env::var("DARKROOM_OUTPUTS").unwrap();
    command.arg("redrive").args(options).args(["--outputs", &outputs]);
    command.env_remove("DARKROOM_STACK").assert()
}

fn stdout(run: assert_cmd::assert::Assert) -> String {
    String::from_utf8(run.success().get_output().stdout.clone()).unwrap()
}

/// Runs the `darkroom` commands of a section of the runbook. Returns the output of each.
fn run_runbook_section(section: &str, stack: &DeployedStack) -> Vec<String> {
    let heading = format!("\n## {section}\n");
    let text = RUNBOOK.split_once(&heading).expect("the runbook has that section").1;
    let text = text.split("\n## ").next().unwrap();
    let commands = text.lines().filter_map(|line| line.trim().strip_prefix("darkroom "));
    let commands: Vec<_> = commands.map(|line| line.replace("STACK", STACK)).collect();
    assert!(!commands.is_empty(), "the section has commands");
    let run = |line: String| {
        let mut command = Command::cargo_bin("darkroom").unwrap();
        command.args(line.split_whitespace());
        let environment = [
            ("AWS_ENDPOINT_URL", stack.output("Endpoint")),
            ("AWS_REGION", stack.output("Region")),
            ("AWS_ACCESS_KEY_ID", stack.output("AccessKeyId")),
            ("AWS_SECRET_ACCESS_KEY", stack.output("SecretAccessKey")),
        ];
        stdout(command.envs(environment).assert())
    };
    commands.into_iter().map(run).collect()
}

/// A key that no other run has used: the local cloud may have run these tests before.
fn key(name: &str) -> String {
    format!("uploads/redrive/{name}-{}.jpg", std::process::id())
}

fn chart(width: u32) -> Vec<u8> {
    imaging::chart::jpeg(imaging::Size::new(width, 400), imaging::Orientation::UPRIGHT)
}

/// The event of an upload that is newer than every other upload of its key.
async fn latest_event(stack: &DeployedStack, earlier: &Record) -> Value {
    let event = stack.execution_input(&earlier.upload.execution).await;
    let mut event: Value = serde_json::from_str(&event).unwrap();
    event["detail"]["object"]["sequencer"] = json!("FF");
    event
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn the_runbook_commands_complete_a_failed_execution() {
    let (stack, _lock) = deployed_stack().await;
    let key = &key("failed");
    // The event of an object that does not exist yet: the execution fails. Then the object is uploaded.
    let elsewhere = stack.upload(&self::key("elsewhere"), chart(600)).await;
    let mut event = latest_event(&stack, &stack.wait_for_outcome(&elsewhere).await).await;
    event["detail"]["object"]["key"] = json!(key);
    event["detail"]["object"].as_object_mut().unwrap().remove("version-id");
    let listener = EventListener::for_key(&stack, key).await;
    let execution = stack.start_execution(&event.to_string()).await;
    assert_eq!(stack.wait_for_execution(&execution).await, ExecutionStatus::Failed);
    let record = stack.wait_for_record(key, |_| true).await;
    assert_eq!(record.status, Status::Failed);
    stack.upload(key, chart(600)).await;

    let outputs = run_runbook_section("Executions failed", &stack);
    assert!(outputs[0].contains(&format!("{key}: would be redriven, it ended in SourceGone")), "{}", outputs[0]);
    assert!(outputs[1].contains(&format!("{key}: redriven\n")), "{}", outputs[1]);
    let record = stack.wait_for_record(key, |record| record.status != Status::Failed).await;
    assert_eq!((record.status, &record.upload.execution), (Status::Completed, &execution));
    assert_eq!(stack.wait_for_execution(&execution).await, ExecutionStatus::Succeeded);
    let events: Vec<_> = listener.wait_for_events().await;
    let types: Vec<_> = events.iter().map(|event| event["detail-type"].as_str().unwrap()).collect();
    assert_eq!(types, ["Image Failed", "Image Completed"]);
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn the_runbook_commands_deliver_a_dead_letter() {
    let (stack, _lock) = deployed_stack().await;
    let key = &key("undelivered");
    let rule = UploadRule::find(&stack).await;
    rule.break_target().await;
    let uploaded = stack.upload(key, chart(600)).await;
    let letters = async || (stack.dead_letter_count().await > 0).then_some(());
    wait_for("a dead letter", letters).await;
    rule.restore_target().await;
    assert_eq!(stack.records.get(key).await.unwrap(), None);

    let outputs = run_runbook_section("Dead letters", &stack);
    assert!(outputs[0].contains(&format!("{key}: would be started")), "{}", outputs[0]);
    assert!(outputs[1].contains(&format!("{key}: started\n")), "{}", outputs[1]);
    assert_eq!(stack.wait_for_outcome(&uploaded).await.status, Status::Completed);
    assert_eq!(stack.dead_letter_count().await, 0);
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn an_aborted_execution_is_recorded_and_can_be_redriven() {
    let (stack, _lock) = deployed_stack().await;
    let key = &key("aborted");
    let earlier = stack.wait_for_outcome(&stack.upload(key, chart(600)).await).await;
    let execution = stack.start_execution(&latest_event(&stack, &earlier).await.to_string()).await;
    let stop = stack.step_functions.stop_execution().execution_arn(&execution);
    stop.send().await.unwrap();
    let later = |record: &Record| record.upload.sequencer > earlier.upload.sequencer;
    let record = stack.wait_for_record(key, later).await;
    assert_eq!(record.failure.unwrap().error, "ABORTED");

    assert!(stdout(redrive(&[key])).contains(&format!("{key}: redriven\n")));
    let record = stack.wait_for_record(key, |record| record.status != Status::Failed).await;
    assert_eq!((record.status, record.renditions), (Status::Completed, earlier.renditions));
}

/// The local cloud has no time-outs of executions, so this test sends the dead letter of one.
#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_time_out_in_a_dead_letter_is_recorded_and_then_retried() {
    let (stack, _lock) = deployed_stack().await;
    let key = &key("timed-out");
    let earlier = stack.wait_for_outcome(&stack.upload(key, chart(600)).await).await;
    let event = latest_event(&stack, &earlier).await;
    let letter = json!({
        "requestContext": {"condition": "RetriesExhausted"},
        "requestPayload": {
            "detail-type": "Step Functions Execution Status Change",
            "source": "aws.states",
            "detail": {
                "executionArn": format!("{}-that-timed-out", earlier.upload.execution),
                "status": "TIMED_OUT",
                "input": event.to_string(),
            },
        },
    });
    let sqs = aws_sdk_sqs::Client::new(&stack.sdk);
    let send = sqs.send_message().queue_url(stack.output("DeadLetterQueueUrl"));
    send.message_body(letter.to_string()).send().await.unwrap();

    assert!(stdout(redrive(&["--dead-letters"])).contains("-that-timed-out: notified\n"));
    let record = stack.records.get(key).await.unwrap().unwrap();
    assert_eq!(record.failure.unwrap().error, "TIMED_OUT");
    // Step Functions does not know this execution, so a new one starts.
    assert!(stdout(redrive(&[key])).contains(&format!("{key}: started\n")));
    let completed = async || {
        let record = stack.records.get(key).await.unwrap()?;
        (record.status == Status::Completed).then_some(record)
    };
    let record = wait_for("its completion", completed).await;
    assert_eq!((record.status, record.renditions), (Status::Completed, earlier.renditions));
}

/// An `EXPRESS` execution that failed leaves such a record: no event reports its failure.
#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_stalled_picture_is_found_by_its_record() {
    let (stack, _lock) = deployed_stack().await;
    let key = &key("stalled");
    let earlier = stack.wait_for_outcome(&stack.upload(key, chart(600)).await).await;
    let an_hour_ago = earlier.upload.received_at.unix_seconds() - 3600;
    let mut stalled = Record { status: Status::Processing, ..earlier.clone() };
    stalled.upload.sequencer = Sequencer::new("FF");
    stalled.upload.received_at = Timestamp::from_unix_seconds(an_hour_ago).unwrap();
    stalled.upload.execution = earlier.upload.execution.replace(":execution:", ":express:");
    stack.records.open(&stalled).await.unwrap();

    assert!(stdout(redrive(&["--stalled", "--hours", "2"])).contains(&format!("{key}: started\n")));
    let completed = async || {
        let record = stack.records.get(key).await.unwrap()?;
        (record.status == Status::Completed).then_some(record)
    };
    let record = wait_for("its completion", completed).await;
    assert_eq!(record.renditions, earlier.renditions);
    assert!(!stdout(redrive(&["--stalled"])).contains(key.as_str()));
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_completed_picture_is_left_alone_and_an_unknown_key_is_an_error() {
    let (stack, _lock) = deployed_stack().await;
    let UploadedSource { key, .. } = stack.upload(&key("good"), chart(600)).await;
    stack.wait_for_record(&key, |_| true).await;
    assert_eq!(
        stdout(redrive(&[&key])),
        format!("{key}: left alone, it is completed\n0 retried, 1 left alone, 0 failed\n")
    );
    let run = redrive(&[&self::key("never-was")]).code(1);
    let errors = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(errors.contains("there is no record of that key"), "{errors}");
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn an_unknown_dead_letter_stays_in_the_queue() {
    let (stack, _lock) = deployed_stack().await;
    let sqs = aws_sdk_sqs::Client::new(&stack.sdk);
    let queue = stack.output("DeadLetterQueueUrl");
    sqs.send_message().queue_url(queue).message_body("{}").send().await.unwrap();

    let run = redrive(&["--dead-letters"]).code(1);
    let errors = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(errors.contains("it is not an event of Darkroom"), "{errors}");
    assert_eq!(stack.dead_letter_count().await, 1);
    sqs.purge_queue().queue_url(queue).send().await.unwrap();
}

#[test]
fn redrive_without_a_selection_is_a_usage_error() {
    let run = Command::cargo_bin("darkroom").unwrap().arg("redrive").assert().code(2);
    let errors = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(errors.contains("<KEY|--failed|--stalled|--dead-letters>"), "{errors}");
    let run = Command::cargo_bin("darkroom").unwrap().args(["redrive", "--help"]).assert();
    assert!(stdout(run).contains("darkroom redrive --failed --dry-run"));
}
