//! What the notify function is given: by `Notify Completion`, by `Notify Rejection`, and by
//! EventBridge when an execution did not end well.

use serde::{Deserialize, Serialize};

use super::{Picture, Rejection, Resized, Upload};
use crate::Timestamp;

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
    /// The upload that the execution was for: its input is S3's event.
    pub fn upload(&self) -> Option<Upload> {
        #[derive(Deserialize)]
        struct Input {
            detail: super::ObjectCreated,
            time: Timestamp,
        }
        let input: Input = serde_json::from_str(self.input.as_deref()?).ok()?;
        Some(Upload {
            detail: input.detail,
            execution: self.execution_arn.clone(),
            received_at: input.time,
        })
    }
}
