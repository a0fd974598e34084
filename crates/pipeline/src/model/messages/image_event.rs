//! What the world is told, on EventBridge.

use serde::{Deserialize, Serialize};

use crate::{Record, Status};

/// The detail of `Image Completed`, `Image Rejected` and `Image Failed`: the record's facts, and where things lie.
///
/// The JSON Schemas are in `docs/events/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageEvent {
    /// Names the outcome: a second delivery of it has the same, and whoever acts on one remembers it.
    pub id: String,
    /// The source bucket.
    pub bucket: String,
    /// Where the renditions lie.
    pub destination_bucket: String,
    /// The facts.
    #[serde(flatten)]
    pub record: Record,
}

impl ImageEvent {
    /// The `source` of every event.
    pub const SOURCE: &str = "darkroom";

    /// The event that tells of `record`.
    ///
    /// Its id is the execution that closed the record and the status that it gave it: a redrive
    /// has the execution of the failure that it makes good, and another status.
    pub fn of(record: Record, bucket: String, destination_bucket: String) -> Self {
        let id = format!("{}/{}", record.execution, record.status.as_str());
        Self { id, bucket, destination_bucket, record }
    }

    /// The event's `detail-type`; none while the picture is still worked on.
    pub fn detail_type(&self) -> Option<&'static str> {
        match self.record.status {
            Status::Processing => None,
            Status::Completed => Some("Image Completed"),
            Status::Rejected => Some("Image Rejected"),
            Status::Failed => Some("Image Failed"),
        }
    }
}
