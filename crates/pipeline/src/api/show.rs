//! How is this picture?

use crate::{
    Failure, Record,
    ports::{Records, SourceVersions},
};

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Its record.
    Known(Box<Record>),
    /// It lies in the source bucket, and the pipeline has not seen it yet.
    Arriving,
    /// Nothing.
    Unknown,
}

/// Says how a picture is.
///
/// # Errors
/// When a port fails.
pub async fn show(
    key: &str,
    records: &impl Records,
    sources: &impl SourceVersions,
) -> Result<Shown, Failure> {
    if let Some(record) = records.get(key).await? {
        return Ok(Shown::Known(Box::new(record)));
    }
    Ok(match sources.current(key).await? {
        Some(_) => Shown::Arriving,
        None => Shown::Unknown,
    })
}
