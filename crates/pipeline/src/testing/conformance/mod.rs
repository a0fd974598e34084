//! What every adapter of a port must do: one suite, run on the twin in memory always, and on the
//! AWS adapters whenever there is a cloud to run on.
//!
//! Each function panics where a promise of [`ports`](crate::ports) is broken. Keys are the
//! caller's to choose, so that suites can share a cloud.

mod buckets;
mod objects;
mod record_index;
mod records;

pub use buckets::{executions, source_versions, stored_renditions};
pub use objects::{renditions, sources};
pub use record_index::catalogue;
pub use records::records;
