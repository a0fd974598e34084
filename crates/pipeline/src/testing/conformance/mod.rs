//! What every implementation of a port must do. The in-memory implementations always run this suite, the AWS adapters
//! when there is a cloud to run it on.
//!
//! Each function panics if an implementation does not do what [`ports`](crate::ports) documents. The caller chooses the
//! keys, so that several runs can share a cloud.

mod executions;
mod record_index;
mod records;
mod renditions;
mod sources;

pub use executions::executions;
pub use record_index::record_index;
pub use records::records;
pub use renditions::{list_and_delete_renditions, renditions};
pub use sources::{source_versions, sources};
