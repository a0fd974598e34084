//! The input and the output of `Resize Rendition`.

use imaging::{DamagePolicy, RejectionCode, ResolvedSpec};
use serde::{Deserialize, Serialize};

use crate::model::{Picture, RejectionNote, Rendition};

/// One rendition to make: all that the resize function has to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResizeJob {
    /// The object to read.
    pub source: SourceObject,
    /// How to render it.
    pub spec: ResolvedSpec,
    /// What happens if the source is damaged; absent: it is rejected.
    #[serde(default, skip_serializing_if = "DamagePolicy::is_reject")]
    pub damaged: DamagePolicy,
    /// Where to write the rendition.
    pub destination: Destination,
    /// ARN of the execution, for the logs.
    pub execution: String,
}

/// A source to read, pinned to its version or, in a bucket without versions, to its ETag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceObject {
    /// The source bucket.
    pub bucket: String,
    /// The source key.
    pub key: String,
    /// The version to read; absent: the object must have this ETag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Hash of the content, without quotes.
    pub etag: String,
}

impl From<&Picture> for SourceObject {
    fn from(picture: &Picture) -> Self {
        Self {
            bucket: picture.bucket.clone(),
            key: picture.key.clone(),
            version_id: picture.upload.version_id.clone(),
            etag: picture.upload.etag.clone(),
        }
    }
}

/// Where a rendition is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The destination bucket.
    pub bucket: String,
    /// The [rendition key](imaging::rendition_key).
    pub key: String,
}

/// How a job ended. Damage that only decoding finds is a value, not an error: one such job rejects the picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum ResizeResult {
    /// The rendition is stored.
    Rendered {
        /// The stored rendition.
        rendition: Rendition,
        /// Time from the first byte read to the last byte encoded, in milliseconds. Shown in the execution's history.
        #[serde(default)]
        render_ms: u64,
    },
    /// The picture cannot be rendered; the fault is the picture's.
    #[serde(alias = "corrupt")]
    Rejected {
        /// Name of the rendition.
        name: String,
        /// For programs.
        // Messages of old executions have no code and mean `corrupt`. A redrive may send them.
        #[serde(default = "corrupt")]
        code: RejectionCode,
        /// For people: what was found and where.
        message: String,
    },
}

fn corrupt() -> RejectionCode {
    RejectionCode::Corrupt
}

impl ResizeResult {
    /// The rejection of the picture, if the job found one.
    pub fn rejection(&self) -> Option<RejectionNote> {
        match self {
            Self::Rendered { .. } => None,
            Self::Rejected { code, message, .. } => Some(RejectionNote { code: *code, message: message.clone() }),
        }
    }
}
