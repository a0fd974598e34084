//! The facts of one uploaded picture, as they travel through an execution.

use imaging::{Format, Header};
use serde::{Deserialize, Serialize};

use crate::{Sequencer, Timestamp, messages::Upload};

/// One upload of one source key: what the record, the verdict and the events say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The source bucket.
    pub bucket: String,
    /// The source key.
    pub key: String,
    /// The version that is read; absent where the bucket is not versioned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Hash of the content.
    pub etag: String,
    /// Bytes of the source.
    pub byte_len: u64,
    /// Where this upload stands among the uploads of its key.
    pub sequencer: Sequencer,
    /// ARN of the execution that works on it.
    pub execution: String,
    /// When S3 had taken it.
    pub received_at: Timestamp,
    /// The profile that it is rendered by.
    pub profile: String,
    /// The source's format, once its header was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// Width in px after orientation, once its header was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in px after orientation, once its header was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

impl Picture {
    /// What is known before a byte was read.
    pub fn of(upload: Upload, profile: &str) -> Self {
        let object = upload.detail.object;
        Self {
            bucket: upload.detail.bucket.name,
            key: object.key,
            version_id: object.version_id,
            etag: object.etag,
            byte_len: object.size,
            sequencer: object.sequencer,
            execution: upload.execution,
            received_at: upload.received_at,
            profile: profile.to_owned(),
            format: None,
            width: None,
            height: None,
        }
    }

    /// What its header adds.
    pub fn with_header(self, header: &Header) -> Self {
        Self {
            format: Some(header.format),
            width: Some(header.size.width),
            height: Some(header.size.height),
            ..self
        }
    }
}
