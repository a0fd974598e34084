//! What the pipeline knows of one uploaded picture.

use imaging::{Format, Header};
use serde::{Deserialize, Serialize};

use super::{Sequencer, Timestamp};

/// One upload of one source key, as it travels through an execution.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The source bucket.
    pub bucket: String,
    /// The source key.
    pub key: String,
    /// What is known of the upload.
    #[serde(flatten)]
    pub upload: UploadFacts,
}

/// What is known of one upload. The picture of an execution and the record in the table share it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadFacts {
    /// Position of this upload among the uploads of its key.
    pub sequencer: Sequencer,
    /// Version of the source; absent if the bucket is not versioned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Hash of the content, without quotes.
    pub etag: String,
    /// Size of the source in bytes.
    pub byte_len: u64,
    /// Format of the source; absent until its header was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// Width in px after orientation; absent until the header was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height in px after orientation; absent until the header was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
    /// Name of the profile that the picture is rendered with.
    pub profile: String,
    /// ARN of the execution that works on the upload. In a closed record: of the execution that closed it.
    pub execution: String,
    /// Time at which S3 received the upload.
    pub received_at: Timestamp,
}

impl Picture {
    /// Adds the format and the size that the header states.
    pub fn with_header(mut self, header: &Header) -> Self {
        self.upload.format = Some(header.format);
        self.upload.width = Some(header.size.width);
        self.upload.height = Some(header.size.height);
        self
    }
}
