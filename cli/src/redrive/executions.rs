//! Finds executions that failed and pictures that are stalled, and decides what to do for each.

use anyhow::{Context, anyhow};
use aws_sdk_sfn::{
    error::{ProvideErrorMetadata, SdkError},
    operation::{describe_execution::DescribeExecutionOutput, list_executions::ListExecutionsError},
    primitives::DateTime,
    types::{ExecutionListItem, ExecutionStatus},
};
use pipeline::{
    Record, Sequencer, Status, Timestamp,
    messages::{EventObject, StatusChangeDetail},
    ports::{Records, TimeRange},
};
use serde_json::{Value, json};

use super::action::Action;
use crate::stack::Stack;

const FAILED_STATUSES: [ExecutionStatus; 3] =
    [ExecutionStatus::Failed, ExecutionStatus::TimedOut, ExecutionStatus::Aborted];

// Twice the longest time of an `EXPRESS` workflow. A `STANDARD` execution that takes longer is left alone, because
// Step Functions says that it is running.
const STALLED_AFTER_SECONDS: i64 = 600;

/// The error codes of an execution that cannot be redriven: it is older than 14 days, its history is too long, or it
/// belongs to an `EXPRESS` workflow, of which Step Functions knows no executions.
pub(super) const NOT_REDRIVABLE: [&str; 5] = [
    "ExecutionDoesNotExist",
    "ExecutionNotRedrivable",
    "InvalidArn",
    "StateMachineTypeNotSupported",
    "ValidationException",
];

/// ARNs of the executions that failed in the last `hours`, the earliest first.
///
/// # Errors
/// If the workflow is of type `EXPRESS`, or Step Functions does not answer.
pub(super) async fn list_failed(stack: &Stack, hours: u32) -> anyhow::Result<Vec<String>> {
    let earliest = DateTime::from_secs(seconds_ago(i64::from(hours) * 3600));
    let is_recent = |execution: &ExecutionListItem| execution.stop_date.is_none_or(|stopped| stopped >= earliest);
    let mut failed = Vec::new();
    for status in FAILED_STATUSES {
        let list = stack.step_functions.list_executions().state_machine_arn(&stack.state_machine_arn);
        let mut pages = list.status_filter(status).into_paginator().items().send();
        while let Some(execution) = pages.next().await {
            failed.push(execution.map_err(explain_list_error)?);
        }
    }
    failed.retain(is_recent);
    failed.sort_by_key(|execution| execution.start_date);
    Ok(failed.into_iter().map(|execution| execution.execution_arn).collect())
}

/// Keys of the pictures that arrived in the last `hours` and have been processing for ten minutes or more, the earliest
/// first.
///
/// # Errors
/// If the table does not answer.
pub(super) async fn list_stalled_keys(stack: &Stack, hours: u32) -> anyhow::Result<Vec<String>> {
    let time = |seconds| Timestamp::from_unix_seconds(seconds_ago(seconds));
    let range = TimeRange { from: time(i64::from(hours) * 3600), to: time(STALLED_AFTER_SECONDS) };
    let stalled = stack.records.list_newest(Status::Processing, range, usize::MAX).await;
    let stalled = stalled.context("listing the pictures that are processing")?;
    Ok(stalled.into_iter().rev().map(|record| record.key).collect())
}

/// The key of the picture of a failed execution, and what to do for it. The ARN if the key is unknown.
pub(super) async fn action_for_execution(stack: &Stack, arn: &str) -> (String, anyhow::Result<Action>) {
    let leave_alone = |reason: &str| (arn.to_owned(), Ok(Action::LeaveAlone(reason.to_owned())));
    let execution = match describe_execution(stack, arn).await {
        Ok(Some(execution)) => execution,
        Ok(None) => return leave_alone("it does not exist any more"),
        Err(error) => return (arn.to_owned(), Err(error)),
    };
    let Some(upload) = execution.upload() else {
        return leave_alone("its input is not an upload");
    };
    let object = upload.detail.object;
    let record = stack.records.get(&object.key).await.context("reading its record");
    let action = record.map(|record| choose_action(execution, &object.sequencer, record.as_ref()));
    (object.key, action)
}

/// What to do for the picture with this source key.
///
/// # Errors
/// If it has no record, or AWS does not answer.
pub(super) async fn action_for_key(stack: &Stack, key: &str) -> anyhow::Result<Action> {
    let record = stack.records.get(key).await.context("reading its record")?;
    let record = record.context("there is no record of that key: its event may be a dead letter (--dead-letters)")?;
    if is_final(record.status) {
        return Ok(Action::LeaveAlone(format!("it is {}", record.status.as_str())));
    }
    Ok(match describe_execution(stack, &record.upload.execution).await? {
        Some(execution) if execution.status == "RUNNING" => Action::LeaveAlone("its execution is running".to_owned()),
        Some(execution) if execution.status != "SUCCEEDED" => Action::Redrive(execution),
        _ => Action::Start(upload_event(&record, &stack.source_bucket)),
    })
}

/// Describes an execution in the form of a status change event. `None` if Step Functions does not know it.
async fn describe_execution(stack: &Stack, arn: &str) -> anyhow::Result<Option<StatusChangeDetail>> {
    let request = stack.step_functions.describe_execution().execution_arn(arn);
    match request.send().await {
        Ok(described) => Ok(Some(status_change_detail(described))),
        Err(error) if error.code().is_some_and(|code| NOT_REDRIVABLE.contains(&code)) => Ok(None),
        Err(error) => Err(aws_sdk_sfn::Error::from(error)).context("asking for its execution"),
    }
}

/// The Unix time of some seconds ago.
fn seconds_ago(seconds: i64) -> i64 {
    Timestamp::now().unix_seconds() - seconds
}

fn explain_list_error(error: SdkError<ListExecutionsError>) -> anyhow::Error {
    if error.code() == Some("StateMachineTypeNotSupported") {
        return anyhow!(
            "an EXPRESS workflow keeps no list of its executions: --stalled finds the pictures that have no outcome"
        );
    }
    anyhow!(aws_sdk_sfn::Error::from(error)).context("listing the executions that failed")
}

/// What to do for a failed execution, given the record of its picture.
fn choose_action(execution: StatusChangeDetail, sequencer: &Sequencer, record: Option<&Record>) -> Action {
    match record {
        Some(record) if record.upload.sequencer > *sequencer => {
            Action::LeaveAlone("a later upload has taken over".to_owned())
        }
        Some(record)
            if record.upload.sequencer == *sequencer
                && is_final(record.status)
                && record.upload.execution != execution.execution_arn =>
        {
            Action::LeaveAlone(format!("it is {}", record.status.as_str()))
        }
        // Includes a picture that this very execution completed: it may have failed before it published the event.
        _ => Action::Redrive(execution),
    }
}

/// Whether a picture has an outcome that a redrive cannot change.
pub(super) fn is_final(status: Status) -> bool {
    matches!(status, Status::Completed | Status::Rejected)
}

fn status_change_detail(described: DescribeExecutionOutput) -> StatusChangeDetail {
    StatusChangeDetail {
        execution_arn: described.execution_arn,
        status: described.status.as_str().to_owned(),
        input: described.input,
        error: described.error,
        cause: described.cause,
    }
}

/// The event of the upload in a record, with the fields that the state machine reads.
fn upload_event(record: &Record, bucket: &str) -> Value {
    let object = EventObject {
        key: record.key.clone(),
        size: record.upload.byte_len,
        etag: record.upload.etag.clone(),
        version_id: record.upload.version_id.clone(),
        sequencer: record.upload.sequencer.clone(),
    };
    json!({"detail": {"bucket": {"name": bucket}, "object": object}, "time": record.upload.received_at})
}
