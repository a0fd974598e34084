//! The record of a source key: validate opens it, notify closes it.

use imaging::Damage;
use serde::{Deserialize, Serialize};

use super::{FailureNote, Picture, RecordOutcome, RejectionNote, Rendition, Timestamp, UploadFacts};

/// The record of the latest upload of one source key: one item of the record table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The source key.
    pub key: String,
    /// How far the upload has come.
    pub status: Status,
    /// What is known of the upload.
    #[serde(flatten)]
    pub upload: UploadFacts,
    /// Time at which the record was closed; absent while processing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// The stored renditions; empty unless completed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renditions: Vec<Rendition>,
    /// The worst damage of its renditions; absent if none lacks a part of the picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damaged: Option<Damage>,
    /// Why the picture was refused; only if rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection: Option<RejectionNote>,
    /// Why the pipeline failed; only if failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureNote>,
    /// Time after which DynamoDB may delete the record, in seconds since 1970; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

/// How far an upload has come. Only `processing` and `failed` can still change: a redrive may complete what has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// An execution works on it.
    Processing,
    /// All renditions are stored.
    Completed,
    /// The picture was refused.
    Rejected,
    /// The pipeline failed.
    Failed,
}

impl Status {
    /// Every status, in the order in which a record can pass through them.
    // A reader that queries one status after the other misses no record that changes its status in between.
    pub const ALL: [Self; 4] = [Self::Processing, Self::Failed, Self::Rejected, Self::Completed];

    /// The status as text, as in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
        }
    }
}

impl Record {
    /// The record of a picture whose execution has started.
    pub fn processing(picture: &Picture, retention: Retention) -> Self {
        Self {
            key: picture.key.clone(),
            status: Status::Processing,
            upload: picture.upload.clone(),
            finished_at: None,
            renditions: Vec::new(),
            damaged: None,
            rejection: None,
            failure: None,
            expires_at: retention.expires_at(picture.upload.received_at),
        }
    }

    /// The closed record: this one with its outcome.
    pub fn with_outcome(self, outcome: RecordOutcome, finished_at: Timestamp) -> Self {
        let record = Self { finished_at: Some(finished_at), ..self };
        match outcome {
            RecordOutcome::Completed(renditions) => {
                let damages = renditions.iter().filter_map(|rendition| rendition.damaged.clone());
                let damaged = damages.min_by_key(|damage| damage.decoded);
                Self { status: Status::Completed, renditions, damaged, ..record }
            }
            RecordOutcome::Rejected(rejection) => {
                Self { status: Status::Rejected, rejection: Some(rejection), ..record }
            }
            RecordOutcome::Failed(failure) => Self { status: Status::Failed, failure: Some(failure), ..record },
        }
    }
}

/// How long a record is kept after its upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Number of days; 0 keeps records forever.
    pub days: u32,
}

impl Retention {
    fn expires_at(self, received_at: Timestamp) -> Option<i64> {
        (self.days > 0).then(|| received_at.plus_days(self.days).unix_seconds())
    }
}
