//! `darkroom redrive`, on the stack that `make test` deploys; `DARKROOM_OUTPUTS` says where. What
//! docs/operations.md tells whoever is on duty to type is read from there, and typed.
#![allow(clippy::unwrap_used)]

use std::env;

use assert_cmd::Command;
use aws_sdk_sfn::types::ExecutionStatus;
use end_to_end::{DeployedStack, EventListener, UploadRule, UploadedSource, wait_for};
use pipeline::{Record, Sequencer, Status, Timestamp, ports::Records};
use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};

const RUNBOOK: &str = include_str!("../../docs/operations.md");
/// What the local cloud calls its stack.
const STACK: &str = "darkroom-local";

/// A redrive of everything is everybody's: one test at a time.
static TURN: Mutex<()> = Mutex::const_new(());

async fn cloud() -> (DeployedStack, MutexGuard<'static, ()>) {
    (DeployedStack::find(), TURN.lock().await)
}

fn redrive(what: &[&str]) -> assert_cmd::assert::Assert {
    let mut command = Command::cargo_bin("darkroom").unwrap();
    let outputs = env::var("DARKROOM_OUTPUTS").unwrap();
    command.arg("redrive").args(what).args(["--outputs", &outputs]);
    command.env_remove("DARKROOM_STACK").assert()
}

fn said(run: assert_cmd::assert::Assert) -> String {
    String::from_utf8(run.success().get_output().stdout.clone()).unwrap()
}

/// Types the commands of a section of the runbook, as they stand there; what they said.
fn follow(section: &str, stack: &DeployedStack) -> Vec<String> {
    let heading = format!("\n## {section}\n");
    let text = RUNBOOK.split_once(&heading).expect("the runbook has that section").1;
    let text = text.split("\n## ").next().unwrap();
    let commands = text.lines().filter_map(|line| line.trim().strip_prefix("darkroom "));
    let commands: Vec<_> = commands.map(|line| line.replace("STACK", STACK)).collect();
    assert!(!commands.is_empty(), "there is something to type");
    let run = |line: String| {
        let mut command = Command::cargo_bin("darkroom").unwrap();
        command.args(line.split_whitespace());
        let place = [
            ("AWS_ENDPOINT_URL", stack.output("Endpoint")),
            ("AWS_REGION", stack.output("Region")),
            ("AWS_ACCESS_KEY_ID", stack.output("AccessKeyId")),
            ("AWS_SECRET_ACCESS_KEY", stack.output("SecretAccessKey")),
        ];
        said(command.envs(place).assert())
    };
    commands.into_iter().map(run).collect()
}

/// A key of this run alone: the local cloud may have seen others.
fn key(name: &str) -> String {
    format!("uploads/redrive/{name}-{}.jpg", std::process::id())
}

fn chart(width: u32) -> Vec<u8> {
    imaging::chart::jpeg(imaging::Size::new(width, 400), imaging::Orientation::UPRIGHT)
}

/// The event of an upload that comes after every other of its key.
async fn latest_event(stack: &DeployedStack, earlier: &Record) -> Value {
    let event = stack.execution_input(&earlier.execution).await;
    let mut event: Value = serde_json::from_str(&event).unwrap();
    event["detail"]["object"]["sequencer"] = json!("FF");
    event
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_failed_execution_is_brought_through_by_its_runbook_entry() {
    let (stack, _turn) = cloud().await;
    let key = &key("failed");
    // The event of bytes that are not there yet, and of no version: the execution fails, and then
    // what broke is mended.
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

    let said = follow("Executions failed", &stack);
    assert!(
        said[0].contains(&format!("{key}: would be redriven, it ended in SourceGone")),
        "{}",
        said[0]
    );
    assert!(said[1].contains(&format!("{key}: redriven\n")), "{}", said[1]);
    let record = stack.wait_for_record(key, |record| record.status != Status::Failed).await;
    assert_eq!((record.status, &record.execution), (Status::Completed, &execution));
    assert_eq!(stack.wait_for_execution(&execution).await, ExecutionStatus::Succeeded);
    let told: Vec<_> = listener.wait_for_events().await;
    let told: Vec<_> = told.iter().map(|event| event["detail-type"].as_str().unwrap()).collect();
    assert_eq!(told, ["Image Failed", "Image Completed"]);
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn an_event_that_was_not_delivered_is_brought_through_by_its_runbook_entry() {
    let (stack, _turn) = cloud().await;
    let key = &key("undelivered");
    let rule = UploadRule::find(&stack).await;
    rule.break_target().await;
    let uploaded = stack.upload(key, chart(600)).await;
    let letters = async || (stack.dead_letter_count().await > 0).then_some(());
    wait_for("a dead letter", letters).await;
    rule.restore_target().await;
    assert_eq!(stack.records.get(key).await.unwrap(), None);

    let said = follow("Dead letters", &stack);
    assert!(said[0].contains(&format!("{key}: would be started")), "{}", said[0]);
    assert!(said[1].contains(&format!("{key}: started\n")), "{}", said[1]);
    assert_eq!(stack.wait_for_outcome(&uploaded).await.status, Status::Completed);
    assert_eq!(stack.dead_letter_count().await, 0);
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn an_aborted_execution_is_told_and_goes_on() {
    let (stack, _turn) = cloud().await;
    let key = &key("aborted");
    let earlier = stack.wait_for_outcome(&stack.upload(key, chart(600)).await).await;
    let execution = stack.start_execution(&latest_event(&stack, &earlier).await.to_string()).await;
    let stop = stack.step_functions.stop_execution().execution_arn(&execution);
    stop.send().await.unwrap();
    let later = |record: &Record| record.sequencer > earlier.sequencer;
    let record = stack.wait_for_record(key, later).await;
    assert_eq!(record.failure.unwrap().error, "ABORTED");

    assert!(said(redrive(&[key])).contains(&format!("{key}: redriven\n")));
    let record = stack.wait_for_record(key, |record| record.status != Status::Failed).await;
    assert_eq!((record.status, record.renditions), (Status::Completed, earlier.renditions));
}

/// The local cloud never ends an execution by its time, so the event is one that notify gave up on.
#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_time_out_that_notify_could_not_tell_is_told_and_then_redriven() {
    let (stack, _turn) = cloud().await;
    let key = &key("timed-out");
    let earlier = stack.wait_for_outcome(&stack.upload(key, chart(600)).await).await;
    let event = latest_event(&stack, &earlier).await;
    let letter = json!({
        "requestContext": {"condition": "RetriesExhausted"},
        "requestPayload": {
            "detail-type": "Step Functions Execution Status Change",
            "source": "aws.states",
            "detail": {
                "executionArn": format!("{}-that-timed-out", earlier.execution),
                "status": "TIMED_OUT",
                "input": event.to_string(),
            },
        },
    });
    let sqs = aws_sdk_sqs::Client::new(&stack.sdk);
    let send = sqs.send_message().queue_url(stack.output("DeadLetterQueueUrl"));
    send.message_body(letter.to_string()).send().await.unwrap();

    assert!(said(redrive(&["--dead-letters"])).contains("-that-timed-out: told\n"));
    let record = stack.records.get(key).await.unwrap().unwrap();
    assert_eq!(record.failure.unwrap().error, "TIMED_OUT");
    // Step Functions does not know that execution, as it knows none of an EXPRESS workflow.
    assert!(said(redrive(&[key])).contains(&format!("{key}: started\n")));
    let completed = async || {
        let record = stack.records.get(key).await.unwrap()?;
        (record.status == Status::Completed).then_some(record)
    };
    let record = wait_for("its completion", completed).await;
    assert_eq!((record.status, record.renditions), (Status::Completed, earlier.renditions));
}

/// As an `EXPRESS` execution that failed leaves it: nobody is told of that.
#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_picture_without_an_outcome_is_found_by_its_record() {
    let (stack, _turn) = cloud().await;
    let key = &key("stalled");
    let earlier = stack.wait_for_outcome(&stack.upload(key, chart(600)).await).await;
    let an_hour_ago = earlier.received_at.unix_seconds() - 3600;
    let stalled = Record {
        status: Status::Processing,
        sequencer: Sequencer::new("FF"),
        received_at: Timestamp::from_unix_seconds(an_hour_ago).unwrap(),
        execution: earlier.execution.replace(":execution:", ":express:"),
        ..earlier.clone()
    };
    stack.records.open(&stalled).await.unwrap();

    assert!(said(redrive(&["--stalled", "--hours", "2"])).contains(&format!("{key}: started\n")));
    let completed = async || {
        let record = stack.records.get(key).await.unwrap()?;
        (record.status == Status::Completed).then_some(record)
    };
    let record = wait_for("its completion", completed).await;
    assert_eq!(record.renditions, earlier.renditions);
    assert!(!said(redrive(&["--stalled"])).contains(key.as_str()));
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn what_is_well_is_left_alone_and_what_is_unknown_is_said_to_be() {
    let (stack, _turn) = cloud().await;
    let UploadedSource { key, .. } = stack.upload(&key("good"), chart(600)).await;
    stack.wait_for_record(&key, |_| true).await;
    assert_eq!(
        said(redrive(&[&key])),
        format!("{key}: left alone, it is completed\n0 on their way, 1 left alone, 0 failed\n")
    );
    let run = redrive(&[&self::key("never-was")]).code(1);
    let complaint = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(complaint.contains("there is no record of that key"), "{complaint}");
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_dead_letter_that_is_nobodys_stays_in_the_queue() {
    let (stack, _turn) = cloud().await;
    let sqs = aws_sdk_sqs::Client::new(&stack.sdk);
    let queue = stack.output("DeadLetterQueueUrl");
    sqs.send_message().queue_url(queue).message_body("{}").send().await.unwrap();

    let run = redrive(&["--dead-letters"]).code(1);
    let complaint = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(complaint.contains("it is no event of Darkroom's"), "{complaint}");
    assert_eq!(stack.dead_letter_count().await, 1);
    sqs.purge_queue().queue_url(queue).send().await.unwrap();
}

#[test]
fn it_says_what_it_wants() {
    let run = Command::cargo_bin("darkroom").unwrap().arg("redrive").assert().code(2);
    let complaint = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(complaint.contains("<KEY|--failed|--stalled|--dead-letters>"), "{complaint}");
    let run = Command::cargo_bin("darkroom").unwrap().args(["redrive", "--help"]).assert();
    assert!(said(run).contains("darkroom redrive --failed --dry-run"));
}
