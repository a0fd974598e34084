//! Removes a picture: its source, its renditions and its record.
//!
//! The source goes first, so that no new execution can start; then the renditions; the record last. If a step fails, a
//! repeated call removes the rest. A running execution finds no record to close, and tags the renditions that it wrote.

use imaging::{is_rendition_of, rendition_prefix};
use serde::{Deserialize, Serialize};

use super::ApiPorts;
use crate::{
    Result, Sequencer, Timestamp,
    messages::EventBucket,
    ports::{Records, Renditions, Sources, TombstoneResult},
};

/// How long late events of a removed picture are ignored.
// An execution can be redriven for 14 days, and an event can wait in a queue for 14 days.
const TOMBSTONE_DAYS: u32 = 30;

/// "Object Deleted" of the source bucket, on EventBridge.
///
/// Source: Amazon S3 User Guide, "EventBridge event message structure".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceDeleted {
    /// The detail of the event.
    pub detail: ObjectDeleted,
}

/// The detail of an "Object Deleted" event; only the fields that are needed here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectDeleted {
    /// The source bucket.
    pub bucket: EventBucket,
    /// The deleted object.
    pub object: DeletedObject,
}

/// The object of an "Object Deleted" event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedObject {
    /// The source key.
    pub key: String,
    /// Position of this event among the events of its key.
    pub sequencer: Sequencer,
}

/// Whether a picture was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemoveResult {
    /// The renditions and the record are gone.
    Removed,
    /// The key has a source, or a later upload of it is recorded. The record stays.
    Kept,
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
        VersionPolicy::Purge => sources.delete_versions(bucket, key).await?,
        // S3 adds another marker for each DELETE, also to a key without a source.
        VersionPolicy::Keep if sources.current_version(bucket, key).await?.is_none() => {}
        VersionPolicy::Keep => sources.add_delete_marker(bucket, key).await?,
    }
    delete_renditions_and_record(key, last.as_ref(), now, ports).await
}

/// Removes the renditions and the record of a source that was deleted in S3, if the key has no source now.
///
/// Events may be late and in any order. If a later event of the key is known, this one changes nothing. Otherwise no
/// earlier event can open a record from now on.
///
/// # Errors
/// If a port fails.
pub async fn remove_deleted_source(
    event: &SourceDeleted,
    now: Timestamp,
    ports: &impl ApiPorts,
) -> Result<RemoveResult> {
    let DeletedObject { key, sequencer } = &event.detail.object;
    if ports.records().last_sequencer(key).await?.is_some_and(|last| last > *sequencer) {
        return Ok(RemoveResult::Kept);
    }
    delete_renditions_and_record(key, Some(sequencer), now, ports).await
}

/// Deletes all renditions of a key without a source, and replaces its record by a tombstone with the sequencer `last`.
async fn delete_renditions_and_record(
    key: &str,
    last: Option<&Sequencer>,
    now: Timestamp,
    ports: &impl ApiPorts,
) -> Result<RemoveResult> {
    let (renditions, bucket) = (ports.renditions(), ports.destination_bucket());
    let mut keys = renditions.list(bucket, &rendition_prefix(key)).await?;
    // The prefix of a long key is shortened, and then matches renditions of other keys.
    keys.retain(|rendition| is_rendition_of(rendition, key));
    // After the list: if the same content was uploaded again in between, its renditions have the same keys.
    if ports.sources().current_version(ports.source_bucket(), key).await?.is_some() {
        return Ok(RemoveResult::Kept);
    }
    renditions.delete(bucket, &keys).await?;
    let Some(last) = last else { return Ok(RemoveResult::Removed) };
    let expires_at = now.plus_days(TOMBSTONE_DAYS);
    Ok(match ports.records().write_tombstone(key, last, expires_at).await? {
        TombstoneResult::Written => RemoveResult::Removed,
        TombstoneResult::Superseded => RemoveResult::Kept,
    })
}
