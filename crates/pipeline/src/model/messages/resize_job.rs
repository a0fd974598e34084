//! What `Resize Rendition` is given, and what it says.

use imaging::{RejectionCode, ResolvedSpec};
use serde::{Deserialize, Serialize};

use crate::{Rejection, Rendition};

/// One rendition to make: source, recipe and destination, with nothing left to look up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResizeJob {
    /// What to read.
    pub source: Source,
    /// How to render it.
    pub spec: ResolvedSpec,
    /// Where to write it.
    pub destination: Destination,
    /// ARN of the execution, for the logs.
    pub execution: String,
}

/// An object to read, pinned to its version where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The source bucket.
    pub bucket: String,
    /// The source key.
    pub key: String,
    /// The version to read; without one the ETag must match.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version_id: Option<String>,
    /// Hash of the content.
    pub etag: String,
}

/// Where a rendition is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// The destination bucket.
    pub bucket: String,
    /// The [rendition key](imaging::rendition_key).
    pub key: String,
}

/// How a job ended. What only the pixels show is a value too: one such job rejects the picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Resized {
    /// The rendition is stored.
    Rendered {
        /// What was stored.
        rendition: Rendition,
        /// From the first byte read to the last encoded, in milliseconds: for whoever reads the execution.
        #[serde(default)]
        render_ms: u64,
    },
    /// The picture cannot be rendered, and it is the picture's fault.
    #[serde(alias = "corrupt")]
    Rejected {
        /// The rendition's name.
        name: String,
        /// What programs match on. Said by name since there is more than one: without it, the
        /// message is of an execution that began before, and was redriven.
        #[serde(default = "corrupt")]
        code: RejectionCode,
        /// What was found, and where.
        message: String,
    },
}

fn corrupt() -> RejectionCode {
    RejectionCode::Corrupt
}

impl Resized {
    /// The rejection that this result stands for, if it stands for one.
    pub fn rejection(&self) -> Option<Rejection> {
        match self {
            Self::Rendered { .. } => None,
            Self::Rejected { code, message, .. } => {
                Some(Rejection { code: *code, message: message.clone() })
            }
        }
    }
}

impl Rendition {
    /// The rendition named `name` that `rendered` has become, under `key`.
    pub fn of(name: &str, key: &str, rendered: &imaging::Rendered) -> Self {
        Self {
            name: name.to_owned(),
            key: key.to_owned(),
            format: rendered.format,
            width: rendered.size.width,
            height: rendered.size.height,
            byte_len: rendered.byte_len,
            limited_by: rendered.limited_by,
            url: None,
        }
    }
}
