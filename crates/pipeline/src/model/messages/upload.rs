//! The input of `Validate Upload`.

use serde::{Deserialize, Serialize};

use crate::model::{Picture, Sequencer, Timestamp, UploadFacts};

/// A picture was uploaded to the source bucket, and an execution was started for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// The detail of S3's event on EventBridge, unchanged.
    pub detail: ObjectCreated,
    /// ARN of the execution.
    pub execution: String,
    /// Time at which S3 received the object.
    pub received_at: Timestamp,
}

impl Upload {
    /// The picture of this upload, before any byte of it was read.
    pub fn into_picture(self, profile: &str) -> Picture {
        let EventObject { key, size, etag, version_id, sequencer } = self.detail.object;
        let upload = UploadFacts {
            sequencer,
            version_id,
            etag,
            byte_len: size,
            format: None,
            width: None,
            height: None,
            profile: profile.to_owned(),
            execution: self.execution,
            received_at: self.received_at,
        };
        Picture { bucket: self.detail.bucket.name, key, upload }
    }
}

/// The detail of an "Object Created" event. S3 sends more fields, which are not needed here.
///
/// Source: Amazon S3 User Guide, "Amazon S3 event message structure for EventBridge".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectCreated {
    /// The bucket that was written to.
    pub bucket: EventBucket,
    /// The object that was written.
    pub object: EventObject,
}

/// The bucket of an S3 event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventBucket {
    /// Name of the bucket.
    pub name: String,
}

/// The object of an "Object Created" event. Its member names are S3's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventObject {
    /// The source key, not percent-encoded.
    pub key: String,
    /// Size in bytes.
    pub size: u64,
    /// Hash of the content, without quotes.
    pub etag: String,
    /// Absent if the bucket is not versioned.
    #[serde(rename = "version-id", default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Position of this event among the events of its key.
    pub sequencer: Sequencer,
}
