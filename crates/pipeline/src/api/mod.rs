//! The use cases of the HTTP API: presign an upload, show, list, reprocess and remove pictures.
//!
//! One file each; none of them knows HTTP. What a caller did wrong is a value that says what is allowed. An error is a
//! failure on our side.

mod cursor;
mod deletion;
mod list;
mod presign;
mod remove;
mod rendition_urls;
mod reprocess;
mod show;

use crate::ports::{Executions, Records, Renditions, Sources};

pub use cursor::{Cursor, InvalidCursor};
pub use deletion::{SourceDeleted, follow_deletion};
pub use list::{ListQuery, MAX_LIMIT, Page, list};
pub use presign::{FieldError, PresignedUpload, UPLOAD_VALID, UploadRequest, presign};
pub use remove::{RemoveResult, VersionPolicy, remove};
pub use rendition_urls::RenditionUrls;
pub use reprocess::reprocess;
pub use show::{ShowResult, show};

/// The ports that the API needs, and the buckets of its stack.
pub trait ApiPorts: Send + Sync + 'static {
    /// The sources.
    fn sources(&self) -> &impl Sources;
    /// The renditions.
    fn renditions(&self) -> &impl Renditions;
    /// The records.
    fn records(&self) -> &impl Records;
    /// The state machine.
    fn executions(&self) -> &impl Executions;
    /// Name of the source bucket.
    fn source_bucket(&self) -> &str;
    /// Name of the destination bucket.
    fn destination_bucket(&self) -> &str;
}
