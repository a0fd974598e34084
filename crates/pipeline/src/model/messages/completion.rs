//! What the notify function is given: by `Notify Completion`, by `Notify Rejection`, and by
//! EventBridge when an execution did not end well.

use serde::{Deserialize, Serialize};

use super::{Resized, Upload};
use crate::{Picture, Rejection, Timestamp};

/// One of the two ways in which notify is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NotifyMessage {
    /// From inside the execution.
    Outcome(Outcome),
    /// From outside, after the execution.
    StatusChange(StatusChange),
}

/// What the execution came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// Every job ran; each says how it ended.
    Completed {
        /// The picture.
        picture: Picture,
        /// One per rendition, in the profile's order.
        results: Vec<Resized>,
    },
    /// The picture was refused by its header.
    Rejected {
        /// The picture, as far as it is known.
        picture: Picture,
        /// Why.
        rejection: Rejection,
    },
}

/// EventBridge's "Step Functions Execution Status Change", for executions that ended red.
///
/// Source: AWS Step Functions Developer Guide, "Automating Step Functions event delivery with EventBridge".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusChange {
    /// What changed.
    pub detail: StatusChangeDetail,
}

/// The fields of a status change that the record needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusChangeDetail {
    /// The execution's ARN.
    pub execution_arn: String,
    /// `FAILED`, `TIMED_OUT` or `ABORTED`.
    pub status: String,
    /// The execution's input as text; absent when it was too long for the event.
    #[serde(default)]
    pub input: Option<String>,
    /// The error's name; absent for time-outs.
    #[serde(default)]
    pub error: Option<String>,
    /// The error's message.
    #[serde(default)]
    pub cause: Option<String>,
}

impl StatusChangeDetail {
    /// The upload that the execution was for: its input is S3's event, or a list of that one event
    /// where a pipe started it, which hands over lists of any length.
    pub fn upload(&self) -> Option<Upload> {
        #[derive(Deserialize)]
        struct Input {
            detail: super::ObjectCreated,
            time: Timestamp,
        }
        let text = self.input.as_deref()?;
        let listed = || serde_json::from_str(text).map(|[input]: [Input; 1]| input);
        let input: Input = serde_json::from_str(text).or_else(|_| listed()).ok()?;
        Some(Upload {
            detail: input.detail,
            execution: self.execution_arn.clone(),
            received_at: input.time,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upload_of_an_execution_is_its_input_alone_or_in_a_list() {
        let event = r#"{"time": "2026-11-21T10:00:00Z", "detail": {"bucket": {"name": "b"},
            "object": {"key": "a.jpg", "size": 1, "etag": "e", "sequencer": "00A1"}}}"#;
        let upload = |input: String| {
            let (arn, status) = ("arn:e".to_owned(), "FAILED".to_owned());
            StatusChangeDetail {
                execution_arn: arn,
                status,
                input: Some(input),
                error: None,
                cause: None,
            }
            .upload()
        };
        let alone = upload(event.to_owned());
        assert_eq!(alone.as_ref().map(|upload| upload.detail.object.key.as_str()), Some("a.jpg"));
        assert_eq!(upload(format!("[{event}]")), alone);
        assert_eq!(
            upload(format!("[{event}, {event}]")),
            None,
            "nobody starts one execution for two"
        );
    }
}
