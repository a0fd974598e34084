//! What is known of a source key: one item per key, opened by validate, closed by notify.

use imaging::{Format, LimitedBy};
use serde::{Deserialize, Serialize};

use crate::{Picture, Rejection, Sequencer, Timestamp};

/// The record of the latest upload of one source key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The source key.
    pub key: String,
    /// How far it has come.
    pub status: Status,
    /// Which upload of this key the record is about.
    pub sequencer: Sequencer,
    /// The version that is read; absent where the bucket is not versioned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Hash of the content.
    pub etag: String,
    /// Bytes of the source.
    pub byte_len: u64,
    /// The source's format, once its header was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// Width in px after orientation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in px after orientation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// The profile that it is rendered by.
    pub profile: String,
    /// ARN of the execution that opened the record, or of the one that closed it.
    pub execution: String,
    /// When S3 had taken the upload.
    pub received_at: Timestamp,
    /// When the record was closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// What lies in the destination bucket; empty unless completed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renditions: Vec<Rendition>,
    /// Why it was refused; only when rejected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejection: Option<Rejection>,
    /// What broke; only when failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<FailureNote>,
    /// When DynamoDB may delete the record, in seconds since 1970; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

/// How far a picture has come. Everything but `processing` is final for its upload, and only
/// `failed` can still become better, by a redrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// An execution works on it.
    Processing,
    /// Its renditions are there.
    Completed,
    /// It was refused.
    Rejected,
    /// Something of ours broke.
    Failed,
}

impl Status {
    /// Every status, in the order in which records pass through them: whoever reads one after the
    /// other misses no record that moves on meanwhile.
    pub const ALL: [Self; 4] = [Self::Processing, Self::Failed, Self::Rejected, Self::Completed];

    /// The word in the record.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
        }
    }
}

/// One stored result of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendition {
    /// The spec's name.
    pub name: String,
    /// Key in the destination bucket.
    pub key: String,
    /// Its format.
    pub format: Format,
    /// Width in px.
    pub width: u32,
    /// Height in px.
    pub height: u32,
    /// Bytes.
    pub byte_len: u64,
    /// Why it is smaller than its spec and its source would have it; absent where it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limited_by: Option<LimitedBy>,
    /// Where the world fetches it. Told where it is known, never stored: the domain may change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What broke, in the words of the execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureNote {
    /// The error's name, such as `Misconfigured` or `States.Timeout`.
    pub error: String,
    /// The error's message.
    pub cause: String,
}

impl FailureNote {
    /// The note for callers of the API: a cause for each name of an error, in words of its own.
    ///
    /// The execution's words name roles, functions and accounts. They stay in the record, the event and the logs, for
    /// those who operate the stack.
    pub fn public(self) -> Self {
        let cause = match self.error.as_str() {
            "DependencyUnavailable" => "an AWS service did not answer",
            "SourceGone" => "the source was deleted or replaced before it was read",
            "RenderFailed" => "a rendition could not be rendered",
            "TIMED_OUT" | "States.Timeout" | "Sandbox.Timedout" => "it took too long",
            "ABORTED" => "its execution was stopped",
            "Misconfigured" => "the deployment is misconfigured",
            _ => "it could not be processed",
        };
        Self { cause: cause.to_owned(), ..self }
    }
}

impl Record {
    /// The record of a picture that an execution starts to work on.
    pub fn opened(picture: &Picture, retention: Retention) -> Self {
        Self {
            key: picture.key.clone(),
            status: Status::Processing,
            sequencer: picture.sequencer.clone(),
            version_id: picture.version_id.clone(),
            etag: picture.etag.clone(),
            byte_len: picture.byte_len,
            format: picture.format,
            width: picture.width,
            height: picture.height,
            profile: picture.profile.clone(),
            execution: picture.execution.clone(),
            received_at: picture.received_at,
            finished_at: None,
            renditions: Vec::new(),
            rejection: None,
            failure: None,
            expires_at: retention.expires_at(picture.received_at),
        }
    }

    /// This record with its outcome: what notify writes over what validate opened.
    pub fn closed(self, ending: Ending, finished_at: Timestamp) -> Self {
        let open = Self { finished_at: Some(finished_at), ..self };
        match ending {
            Ending::Completed(renditions) => Self { status: Status::Completed, renditions, ..open },
            Ending::Rejected(rejection) => {
                Self { status: Status::Rejected, rejection: Some(rejection), ..open }
            }
            Ending::Failed(failure) => {
                Self { status: Status::Failed, failure: Some(failure), ..open }
            }
        }
    }
}

/// How an upload ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// With these renditions.
    Completed(Vec<Rendition>),
    /// By the picture's fault.
    Rejected(Rejection),
    /// By ours.
    Failed(FailureNote),
}

/// How long a record is kept after its upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Days; 0 keeps records for ever.
    pub days: u32,
}

impl Retention {
    fn expires_at(self, received_at: Timestamp) -> Option<i64> {
        (self.days > 0).then(|| received_at.plus_days(self.days).unix_seconds())
    }
}
