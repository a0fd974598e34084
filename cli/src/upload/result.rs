//! The outcome of one upload.

use std::{collections::HashMap, path::PathBuf};

use pipeline::Record;

/// The outcome of one uploaded picture.
pub(super) struct UploadResult {
    pub(super) record: Record,
    /// How long each rendition took to render, in milliseconds, by its name.
    pub(super) render_ms: HashMap<String, u64>,
    /// The downloaded renditions, in the order of the record. Empty without `--out`.
    pub(super) downloaded: Vec<PathBuf>,
}
