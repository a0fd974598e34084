//! The inputs of the notify function: from `Notify Completion`, from `Notify Rejection`, and from EventBridge when an
//! execution has failed.

use serde::{Deserialize, Serialize};

use super::{ResizeResult, Upload};
use crate::model::{Picture, RejectionNote, Timestamp};

/// The input of notify.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NotifyMessage {
    /// From a state of the execution.
    Outcome(ExecutionOutcome),
    /// From EventBridge, after the execution has failed.
    StatusChange(StatusChange),
}

/// How an execution ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ExecutionOutcome {
    /// Every job has run. One of them may have rejected the picture.
    Completed {
        /// The picture.
        picture: Picture,
        /// One result per rendition, in the order of the profile.
        results: Vec<ResizeResult>,
    },
    /// Validate refused the picture.
    Rejected {
        /// The picture, without the facts of its header.
        picture: Picture,
        /// Why it was refused.
        rejection: RejectionNote,
    },
}

/// EventBridge's "Step Functions Execution Status Change", for executions that failed.
///
/// Source: AWS Step Functions Developer Guide, "Automating Step Functions event delivery with EventBridge".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusChange {
    /// The new status of the execution.
    pub detail: StatusChangeDetail,
}

/// The detail of a status change; only the fields that are needed here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusChangeDetail {
    /// ARN of the execution.
    pub execution_arn: String,
    /// `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// Input of the execution as text; absent if it is too long for the event.
    #[serde(default)]
    pub input: Option<String>,
    /// Name of the error; absent for timeouts.
    #[serde(default)]
    pub error: Option<String>,
    /// Message of the error.
    #[serde(default)]
    pub cause: Option<String>,
}

impl StatusChangeDetail {
    /// The upload that the execution was started for; none if its input is not an upload.
    ///
    /// The input is S3's event, or a list of one event if a pipe has started the execution.
    pub fn upload(&self) -> Option<Upload> {
        #[derive(Deserialize)]
        struct Input {
            detail: super::ObjectCreated,
            time: Timestamp,
        }
        let text = self.input.as_deref()?;
        // A pipe always sends lists.
        let from_list = || serde_json::from_str(text).map(|[input]: [Input; 1]| input);
        let input: Input = serde_json::from_str(text).or_else(|_| from_list()).ok()?;
        Some(Upload { detail: input.detail, execution: self.execution_arn.clone(), received_at: input.time })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_input_of_an_execution_is_an_event_or_a_list_of_one() {
        let event = r#"{"time": "2026-11-21T10:00:00Z", "detail": {"bucket": {"name": "b"},
            "object": {"key": "a.jpg", "size": 1, "etag": "e", "sequencer": "00A1"}}}"#;
        let upload = |input: String| {
            let (arn, status) = ("arn:e".to_owned(), "FAILED".to_owned());
            StatusChangeDetail { execution_arn: arn, status, input: Some(input), error: None, cause: None }.upload()
        };
        let alone = upload(event.to_owned());
        assert_eq!(alone.as_ref().map(|upload| upload.detail.object.key.as_str()), Some("a.jpg"));
        assert_eq!(upload(format!("[{event}]")), alone);
        assert_eq!(upload(format!("[{event}, {event}]")), None, "an execution is for one upload");
    }
}
