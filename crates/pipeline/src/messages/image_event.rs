//! What the world is told, on EventBridge.

use serde::{Deserialize, Serialize};

use crate::record::{Record, Status};

/// The detail of `Image Completed`, `Image Rejected` and `Image Failed`: the record's facts, and where things lie.
///
/// The JSON Schemas are in `docs/events/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageEvent {
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
