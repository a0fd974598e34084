//! Waits until an upload has an outcome.

use std::time::Duration;

use anyhow::bail;
use pipeline::{Record, Status, ports::Records};

use super::transfer::UploadedObject;
use crate::{
    history::{self, Step, StepReader},
    stack::Stack,
};

const FIRST_POLL_INTERVAL: Duration = Duration::from_millis(50);
const LONGEST_POLL_INTERVAL: Duration = Duration::from_secs(1);

/// Polls until the upload has an outcome and its execution has ended. Calls `on_step` for each state that the execution
/// leaves.
///
/// # Errors
/// If a later upload has the same key, or AWS does not answer.
pub(super) async fn wait_for_outcome(
    stack: &Stack,
    uploaded: &UploadedObject,
    mut on_step: impl FnMut(&Step),
) -> anyhow::Result<Record> {
    let mut interval = FIRST_POLL_INTERVAL;
    let mut reader = StepReader::default();
    loop {
        if let Some(record) = find_record(stack, uploaded).await? {
            let has_ended = read_new_events(stack, &record.upload.execution, &mut reader, &mut on_step).await?;
            if record.status != Status::Processing && has_ended {
                return Ok(record);
            }
        }
        tokio::time::sleep(interval).await;
        interval = (interval * 5 / 4).min(LONGEST_POLL_INTERVAL);
    }
}

/// The record of the key, once it is about this upload.
async fn find_record(stack: &Stack, uploaded: &UploadedObject) -> anyhow::Result<Option<Record>> {
    let Some(record) = stack.records.get(&uploaded.key).await? else { return Ok(None) };
    if record.upload.version_id == uploaded.version_id {
        return Ok(Some(record));
    }
    if record.upload.version_id != uploaded.earlier_version_id {
        bail!("superseded: another upload has taken the key '{}'", uploaded.key);
    }
    Ok(None)
}

/// Reports the states that an execution has left since the last call. Returns whether it has ended.
///
/// An express execution has no history, and counts as ended.
async fn read_new_events(
    stack: &Stack,
    execution: &str,
    reader: &mut StepReader,
    on_step: &mut impl FnMut(&Step),
) -> anyhow::Result<bool> {
    if history::is_express(execution) {
        return Ok(true);
    }
    let events = history::fetch_events(&stack.step_functions, execution).await?;
    reader.read_new(&events).iter().for_each(on_step);
    Ok(events.iter().any(|event| {
        matches!(
            event.r#type().as_str(),
            "ExecutionSucceeded" | "ExecutionFailed" | "ExecutionTimedOut" | "ExecutionAborted"
        )
    }))
}
