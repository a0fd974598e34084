//! What `Validate Upload` is given.

use serde::{Deserialize, Serialize};

use crate::{Sequencer, Timestamp};

/// A picture has landed in the source bucket, and this execution is for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// The detail of S3's event on EventBridge, as it came.
    pub detail: ObjectCreated,
    /// The execution's ARN.
    pub execution: String,
    /// When S3 had taken the object.
    pub received_at: Timestamp,
}

/// The detail of an "Object Created" event; S3 sends more fields, which nothing here needs.
///
/// Source: Amazon S3 User Guide, "Amazon S3 event message structure for EventBridge".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectCreated {
    /// Where it landed.
    pub bucket: Bucket,
    /// What landed.
    pub object: Object,
}

/// The bucket of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bucket {
    /// Its name.
    pub name: String,
}

/// The object of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// The source key: a picture's identity. Raw, not percent-encoded.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// Hash of the content, without quotes.
    pub etag: String,
    /// Absent where the bucket is not versioned.
    #[serde(rename = "version-id", default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Where this event stands among the events of its key.
    pub sequencer: Sequencer,
}
