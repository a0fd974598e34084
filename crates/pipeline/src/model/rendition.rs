//! One stored result of a source.

use imaging::{Damage, Format, HdrTransfer, LimitedBy};
use serde::{Deserialize, Serialize};

/// A rendition in the destination bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rendition {
    /// Name of its spec.
    pub name: String,
    /// Key in the destination bucket.
    pub key: String,
    /// Format of the file.
    pub format: Format,
    /// Width in px.
    pub width: u32,
    /// Height in px.
    pub height: u32,
    /// Size in bytes.
    pub byte_len: u64,
    /// Why it is smaller than its spec asks for and its source allows; absent if it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limited_by: Option<LimitedBy>,
    /// The transfer function of a source with a high dynamic range. The rendition has a standard one: its colours were
    /// tone-mapped. Absent for other sources.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tone_mapped: Option<HdrTransfer>,
    /// What is missing of the picture, because its source is damaged; absent if nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub damaged: Option<Damage>,
    /// Public URL. Never stored, because the delivery domain may change: it is added when a rendition is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl Rendition {
    /// The rendition named `name`, stored under `key`.
    pub fn new(name: &str, key: &str, rendered: &imaging::Rendered) -> Self {
        Self {
            name: name.to_owned(),
            key: key.to_owned(),
            format: rendered.format,
            width: rendered.size.width,
            height: rendered.size.height,
            byte_len: rendered.byte_len,
            limited_by: rendered.limited_by,
            tone_mapped: rendered.tone_mapped,
            damaged: rendered.damaged.clone(),
            url: None,
        }
    }
}
