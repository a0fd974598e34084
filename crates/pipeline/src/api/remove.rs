//! Removes a picture: its source, its renditions and its record.
//!
//! The source goes first, so that no new execution can start; then the record, so that it never lists a rendition that
//! is gone; the renditions last. If a step fails, a repeated call removes the rest. A running execution finds no record to
//! close, and tags the renditions that it wrote.

use imaging::{is_rendition_of, rendition_prefix};
use serde::{Deserialize, Serialize};

use super::{ApiPorts, reprocess};
use crate::{
    Result, Sequencer, Timestamp,
    ports::{Records, Renditions, Sources, TombstoneResult},
};

/// How long late events of a removed picture are ignored.
// An execution can be redriven for 14 days, and an event can wait in a queue for 14 days.
const TOMBSTONE_DAYS: u32 = 30;

/// Whether a picture was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemoveResult {
    /// The renditions and the record are gone.
    Removed,
    /// The key has a source, or a later upload of it is recorded. The record stays.
    Kept,
    /// The key holds another version now. Its renditions and its record were removed, and an execution processes the
    /// version.
    Reprocessed,
}

/// What happens to the versions of a source that is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VersionPolicy {
    /// They stay below a delete marker until the bucket's lifecycle rule deletes them. Removing the marker restores the
    /// source.
    Keep,
    /// They are deleted permanently.
    Purge,
}

/// Removes a picture, and its source as `versions` says. No-op if the key has no picture.
///
/// # Errors
/// If a port fails. A repeated call continues.
pub async fn remove(key: &str, versions: VersionPolicy, now: Timestamp, ports: &impl ApiPorts) -> Result<RemoveResult> {
    let (sources, bucket) = (ports.sources(), ports.source_bucket());
    // Read first: an upload in the meantime has a later sequencer, and its record stays.
    let last = ports.records().last_sequencer(key).await?;
    match versions {
        VersionPolicy::Keep => mark_deleted(key, ports).await?,
        VersionPolicy::Purge => {
            // Below a marker, no version becomes current while the versions above it are deleted one after the other.
            mark_deleted(key, ports).await?;
            sources.delete_versions(bucket, key).await?;
        }
    }
    delete_renditions_and_record(key, last.as_ref(), now, ports).await
}

/// Adds a delete marker, unless the key has no source.
async fn mark_deleted(key: &str, ports: &impl ApiPorts) -> Result<()> {
    let (sources, bucket) = (ports.sources(), ports.source_bucket());
    // S3 adds another marker for each DELETE, also to a key without a source.
    if sources.current_version(bucket, key).await?.is_some() {
        sources.add_delete_marker(bucket, key).await?;
    }
    Ok(())
}

/// Deletes all renditions of a key without a source, and replaces its record by a tombstone with the sequencer `last`.
pub(super) async fn delete_renditions_and_record(
    key: &str,
    last: Option<&Sequencer>,
    now: Timestamp,
    ports: &impl ApiPorts,
) -> Result<RemoveResult> {
    let (sources, source_bucket) = (ports.sources(), ports.source_bucket());
    let renditions = list_renditions(key, ports).await?;
    // After the list: if the same content was uploaded again in between, its renditions have the same keys.
    if sources.current_version(source_bucket, key).await?.is_some() {
        return Ok(RemoveResult::Kept);
    }
    let Some(last) = last else {
        ports.renditions().delete(ports.destination_bucket(), &renditions).await?;
        return Ok(RemoveResult::Removed);
    };
    let result = delete_unless_superseded(key, last, renditions, now, ports).await?;
    // If the source was restored during the deletion, its new renditions have the same keys, and may be deleted.
    if result == RemoveResult::Removed && sources.current_version(source_bucket, key).await?.is_some() {
        reprocess(key, now, ports).await?;
        return Ok(RemoveResult::Reprocessed);
    }
    Ok(result)
}

/// The keys of all renditions of a source.
pub(super) async fn list_renditions(key: &str, ports: &impl ApiPorts) -> Result<Vec<String>> {
    let mut keys = ports.renditions().list(ports.destination_bucket(), &rendition_prefix(key)).await?;
    // The prefix of a long key is shortened, and then matches renditions of other keys.
    keys.retain(|rendition| is_rendition_of(rendition, key));
    Ok(keys)
}

/// Replaces the record of a key by a tombstone with the sequencer `last`, and then deletes `renditions` and those that the
/// record listed. If a later sequencer is known, changes nothing.
///
/// `renditions` must have been listed before: an execution that opens its record after the tombstone writes its
/// renditions after the list.
pub(super) async fn delete_unless_superseded(
    key: &str,
    last: &Sequencer,
    mut renditions: Vec<String>,
    now: Timestamp,
    ports: &impl ApiPorts,
) -> Result<RemoveResult> {
    let expires_at = now.plus_days(TOMBSTONE_DAYS);
    match ports.records().write_tombstone(key, last, expires_at).await? {
        TombstoneResult::Superseded => Ok(RemoveResult::Kept),
        TombstoneResult::Written { renditions: recorded } => {
            // An execution may have written and recorded more of them after the list.
            renditions.extend(recorded.into_iter().map(|rendition| rendition.key));
            renditions.sort();
            renditions.dedup();
            ports.renditions().delete(ports.destination_bucket(), &renditions).await?;
            Ok(RemoveResult::Removed)
        }
    }
}
