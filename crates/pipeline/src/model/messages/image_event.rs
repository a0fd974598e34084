//! The event that is published on EventBridge.

use serde::{Deserialize, Serialize};

use crate::model::{Record, Status};

/// The detail of `Image Completed`, `Image Rejected` and `Image Failed`: a closed record and its buckets.
///
/// The JSON Schemas are in `docs/events/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageEvent {
    /// Identifies the outcome. An event that is delivered twice has the same ID both times, so that a subscriber can
    /// ignore the second.
    pub id: String,
    /// The source bucket.
    pub bucket: String,
    /// The bucket of the renditions.
    pub destination_bucket: String,
    /// The closed record.
    #[serde(flatten)]
    pub record: Record,
}

impl ImageEvent {
    /// The `source` of every event.
    pub const SOURCE: &str = "darkroom";

    /// The event of a closed record.
    ///
    /// Its ID is the execution and the status. After a redrive, the execution is the same and the status is not.
    pub fn new(record: Record, bucket: String, destination_bucket: String) -> Self {
        let id = format!("{}/{}", record.upload.execution, record.status.as_str());
        Self { id, bucket, destination_bucket, record }
    }

    /// The `detail-type` of the event; none while the picture is processed.
    pub fn detail_type(&self) -> Option<&'static str> {
        match self.record.status {
            Status::Processing => None,
            Status::Completed => Some("Image Completed"),
            Status::Rejected => Some("Image Rejected"),
            Status::Failed => Some("Image Failed"),
        }
    }
}
