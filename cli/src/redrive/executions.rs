//! Executions that ended red: which of them still matter, and how they go on.

use anyhow::{Context, anyhow};
use aws_sdk_sfn::{
    error::{ProvideErrorMetadata, SdkError},
    operation::{
        describe_execution::DescribeExecutionOutput, list_executions::ListExecutionsError,
    },
    primitives::DateTime,
    types::{ExecutionListItem, ExecutionStatus},
};
use pipeline::{
    Record, Sequencer, Status, Timestamp,
    messages::{Object, StatusChangeDetail},
    ports::{Catalogue, Records, Window},
};
use serde_json::{Value, json};

use super::{Done, Need};
use crate::stack::Stack;

const RED: [ExecutionStatus; 3] =
    [ExecutionStatus::Failed, ExecutionStatus::TimedOut, ExecutionStatus::Aborted];

/// Twice what an `EXPRESS` workflow may take; a longer one of the other kind is seen to be running.
const STALLED_SECONDS: i64 = 600;

/// Why Step Functions does not redrive an execution that ended red: it is older than 14 days, has a
/// history too long, or is of an `EXPRESS` workflow, which knows no executions.
const NOT_REDRIVABLE: [&str; 5] = [
    "ExecutionDoesNotExist",
    "ExecutionNotRedrivable",
    "InvalidArn",
    "StateMachineTypeNotSupported",
    "ValidationException",
];

impl Stack {
    /// Every execution that ended red in the last `hours`, the earliest first.
    pub(super) async fn red_executions(&self, hours: u32) -> anyhow::Result<Vec<String>> {
        let earliest = DateTime::from_secs(ago(i64::from(hours) * 3600));
        let recent = |execution: &ExecutionListItem| {
            execution.stop_date.is_none_or(|stopped| stopped >= earliest)
        };
        let mut red = Vec::new();
        for status in RED {
            let list = self.step_functions.list_executions().state_machine_arn(&self.state_machine);
            let mut pages = list.status_filter(status).into_paginator().items().send();
            while let Some(execution) = pages.next().await {
                red.push(execution.map_err(not_listed)?);
            }
        }
        red.retain(recent);
        red.sort_by_key(|execution| execution.start_date);
        Ok(red.into_iter().map(|execution| execution.execution_arn).collect())
    }

    /// The pictures that came in the last `hours`, have no outcome, and had time enough for one, the
    /// earliest first.
    pub(super) async fn stalled_pictures(&self, hours: u32) -> anyhow::Result<Vec<String>> {
        let moment = |seconds| Timestamp::from_unix_seconds(ago(seconds));
        let window = Window { from: moment(i64::from(hours) * 3600), to: moment(STALLED_SECONDS) };
        let stalled = self.records.newest(Status::Processing, window, usize::MAX).await;
        let stalled = stalled.context("listing the pictures that are processing")?;
        Ok(stalled.into_iter().rev().map(|record| record.key).collect())
    }

    /// The picture that a red execution was for, by its key, and what it takes to bring it through.
    pub(super) async fn need_of_execution(&self, arn: &str) -> (String, anyhow::Result<Need>) {
        let execution = match self.describe(arn).await {
            Ok(Some(execution)) => execution,
            Ok(None) => return (arn.to_owned(), Ok(Need::Nothing("it has gone".to_owned()))),
            Err(error) => return (arn.to_owned(), Err(error)),
        };
        let Some(upload) = execution.upload() else {
            return (arn.to_owned(), Ok(Need::Nothing("its input is no upload".to_owned())));
        };
        let object = upload.detail.object;
        let record = self.records.get(&object.key).await.context("reading its record");
        let need = record.map(|record| need(execution, &object.sequencer, record.as_ref()));
        (object.key, need)
    }

    /// What it takes to bring the picture of `key` through.
    pub(super) async fn need_of_picture(&self, key: &str) -> anyhow::Result<Need> {
        let record = self.records.get(key).await.context("reading its record")?;
        let record = record.context(
            "there is no record of that key: its event may be a dead letter (--dead-letters)",
        )?;
        if settled(record.status) {
            return Ok(Need::Nothing(format!("it is {}", record.status.as_str())));
        }
        Ok(match self.describe(&record.execution).await? {
            Some(execution) if execution.status == "RUNNING" => {
                Need::Nothing("its execution is running".to_owned())
            }
            Some(execution) if execution.status != "SUCCEEDED" => Need::GoOn(execution),
            _ => Need::Start(event_of(&record, &self.source_bucket)),
        })
    }

    /// Redrives an execution, or begins another where it can't be redriven.
    pub(super) async fn go_on(&self, execution: &StatusChangeDetail) -> anyhow::Result<Done> {
        let arn = &execution.execution_arn;
        let sent = self.step_functions.redrive_execution().execution_arn(arn).send().await;
        match sent {
            Ok(_) => Ok(Done::Redriven),
            Err(error) if error.code().is_some_and(|code| NOT_REDRIVABLE.contains(&code)) => {
                self.instead_of_going_on(execution).await
            }
            Err(error) => Err(aws_sdk_sfn::Error::from(error)).context("redriving its execution"),
        }
    }

    async fn instead_of_going_on(&self, execution: &StatusChangeDetail) -> anyhow::Result<Done> {
        let upload = execution.upload().context("its input is no upload")?;
        let record = self.records.get(&upload.detail.object.key).await?;
        if record.is_some_and(|record| settled(record.status)) {
            // It closed its record and then died: what it did not tell, only notify can.
            let event = json!({
                "detail-type": "Step Functions Execution Status Change",
                "source": "aws.states",
                "detail": execution,
            });
            return self.invoke(&self.notify_function, &event).await.map(|()| Done::Told);
        }
        self.start(execution.input.as_deref().unwrap_or_default()).await
    }

    pub(super) async fn start(&self, input: &str) -> anyhow::Result<Done> {
        let machine = &self.state_machine_alias;
        let request = self.step_functions.start_execution().state_machine_arn(machine);
        let started = request.input(input).send().await;
        started.map_err(aws_sdk_sfn::Error::from).context("starting an execution")?;
        Ok(Done::Started)
    }

    /// An execution as its status change tells of it, if Step Functions still knows it.
    async fn describe(&self, arn: &str) -> anyhow::Result<Option<StatusChangeDetail>> {
        let request = self.step_functions.describe_execution().execution_arn(arn);
        match request.send().await {
            Ok(described) => Ok(Some(detail(described))),
            Err(error) if error.code().is_some_and(|code| NOT_REDRIVABLE.contains(&code)) => {
                Ok(None)
            }
            Err(error) => Err(aws_sdk_sfn::Error::from(error)).context("asking for its execution"),
        }
    }
}

/// That moment, in Unix time.
fn ago(seconds: i64) -> i64 {
    Timestamp::now().unix_seconds() - seconds
}

fn not_listed(error: SdkError<ListExecutionsError>) -> anyhow::Error {
    if error.code() == Some("StateMachineTypeNotSupported") {
        return anyhow!(
            "an EXPRESS workflow keeps no list of its executions: --stalled finds the pictures that have no outcome"
        );
    }
    anyhow!(aws_sdk_sfn::Error::from(error)).context("listing the executions that ended red")
}

/// What a red execution needs, as the record of its picture has it.
fn need(execution: StatusChangeDetail, sequencer: &Sequencer, record: Option<&Record>) -> Need {
    match record {
        Some(record) if record.sequencer > *sequencer => {
            Need::Nothing("a later upload has taken over".to_owned())
        }
        Some(record)
            if record.sequencer == *sequencer
                && settled(record.status)
                && record.execution != execution.execution_arn =>
        {
            Need::Nothing(format!("it is {}", record.status.as_str()))
        }
        // Also where it is completed by this very execution: that may have died before it told.
        _ => Need::GoOn(execution),
    }
}

/// Whether a redrive could only repeat what is.
fn settled(status: Status) -> bool {
    matches!(status, Status::Completed | Status::Rejected)
}

fn detail(described: DescribeExecutionOutput) -> StatusChangeDetail {
    StatusChangeDetail {
        execution_arn: described.execution_arn,
        status: described.status.as_str().to_owned(),
        input: described.input,
        error: described.error,
        cause: described.cause,
    }
}

/// S3's event of a record's upload, as far as the state machine reads it.
fn event_of(record: &Record, bucket: &str) -> Value {
    let object = Object {
        key: record.key.clone(),
        size: record.byte_len,
        etag: record.etag.clone(),
        version_id: record.version_id.clone(),
        sequencer: record.sequencer.clone(),
    };
    json!({"detail": {"bucket": {"name": bucket}, "object": object}, "time": record.received_at})
}
