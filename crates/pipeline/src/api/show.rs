//! Shows the state of one picture.

use super::ApiPorts;
use crate::{
    Record, Result,
    ports::{Records, Sources},
};

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShowResult {
    /// The key has a record.
    Found(Box<Record>),
    /// The key has a source, but no execution has opened its record yet.
    Pending,
    /// The key has neither a record nor a source.
    NotFound,
}

/// Looks up the record of a key. If the key has no record, looks up its source.
///
/// # Errors
/// If a port fails.
pub async fn show(key: &str, ports: &impl ApiPorts) -> Result<ShowResult> {
    if let Some(record) = ports.records().get(key).await? {
        return Ok(ShowResult::Found(Box::new(record)));
    }
    // S3's event takes a moment to start an execution.
    Ok(match ports.sources().current_version(ports.source_bucket(), key).await? {
        Some(_) => ShowResult::Pending,
        None => ShowResult::NotFound,
    })
}
