//! The use cases behind the HTTP API: let pictures in, say how they are, process them again,
//! remove them.
//!
//! One file each; none of them knows HTTP. Where a caller is wrong, the answer is a value that
//! says what is allowed; an error is ours.

mod cursor;
mod list;
mod presign;
mod remove;
mod reprocess;
mod show;

pub use cursor::{Cursor, UnknownCursor};
pub use list::{ListQuery, MAX_LIMIT, Page, list};
pub use presign::{Objection, UPLOAD_VALID, UploadOffer, UploadRequest, offer_upload};
pub use remove::{Removal, SourceDeleted, Versions, remove, source_deleted};
pub use reprocess::{Started, process_again};
pub use show::{Shown, show};
