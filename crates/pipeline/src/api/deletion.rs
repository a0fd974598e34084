//! Follows a deletion in S3: the record of the key describes what the key holds afterwards.
//!
//! A delete marker, and the permanent deletion of the last version, leave a key without a source: the picture is
//! removed. The permanent deletion of the current version, or of the delete marker above a version, makes an earlier
//! version current, and S3 publishes no "Object Created" for it: that version is processed. The deletion of any other
//! version changes nothing.

use serde::{Deserialize, Serialize};

use super::{
    ApiPorts,
    remove::{RemoveResult, delete_renditions_and_record, delete_unless_superseded, list_renditions},
    reprocess::start_execution,
};
use crate::{
    Result, Sequencer, Timestamp, is_blank_key,
    messages::EventBucket,
    ports::{Records, SourceVersion, Sources, SupersedeResult},
};

/// "Object Deleted" of the source bucket, on EventBridge.
///
/// Source: Amazon S3 User Guide, "EventBridge event message structure".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceDeleted {
    /// The detail of the event.
    pub detail: ObjectDeleted,
    /// Time of the deletion.
    pub time: Timestamp,
}

/// The detail of an "Object Deleted" event; only the fields that are needed here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ObjectDeleted {
    /// The source bucket.
    pub bucket: EventBucket,
    /// The deleted object.
    pub object: DeletedObject,
    /// `Permanently Deleted` or `Delete Marker Created`.
    pub deletion_type: String,
}

/// The object of an "Object Deleted" event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedObject {
    /// The source key.
    pub key: String,
    /// Position of this event among the events of its key.
    pub sequencer: Sequencer,
}

/// Makes the record describe what the key holds after a deletion in S3.
///
/// Events may be late and in any order. If a later event of the key is known, this one changes nothing. Otherwise no
/// earlier event can open a record from now on.
///
/// # Errors
/// If a port fails. A repeated call continues.
pub async fn follow_deletion(event: &SourceDeleted, now: Timestamp, ports: &impl ApiPorts) -> Result<RemoveResult> {
    let DeletedObject { key, sequencer } = &event.detail.object;
    if ports.records().last_sequencer(key).await?.is_some_and(|last| last > *sequencer) {
        return Ok(RemoveResult::Kept);
    }
    // S3 cannot be asked about such a key, and it never has renditions.
    if is_blank_key(key) {
        return delete_unless_superseded(key, sequencer, Vec::new(), now, ports).await;
    }
    // Below a new delete marker, nothing can have become current.
    if event.detail.deletion_type != "Delete Marker Created"
        && let Some(version) = ports.sources().current_version(ports.source_bucket(), key).await?
    {
        return process_current(event, version, now, ports).await;
    }
    delete_renditions_and_record(key, Some(sequencer), now, ports).await
}

/// Processes `version`, which is current after a permanent deletion, unless the record describes it already.
///
/// The renditions of the deleted content are deleted at once. Until the new execution opens its record, the API answers
/// that the picture is not processed yet.
async fn process_current(
    event: &SourceDeleted,
    version: SourceVersion,
    now: Timestamp,
    ports: &impl ApiPorts,
) -> Result<RemoveResult> {
    let DeletedObject { key, sequencer } = &event.detail.object;
    match ports.records().supersede_events(key, sequencer).await? {
        SupersedeResult::Superseded => return Ok(RemoveResult::Kept),
        // Another version was deleted.
        SupersedeResult::Recorded(record) if version.is_content_of(&record) => return Ok(RemoveResult::Kept),
        SupersedeResult::Recorded(_) | SupersedeResult::NotRecorded => {}
    }
    let renditions = list_renditions(key, ports).await?;
    if delete_unless_superseded(key, sequencer, renditions, now, ports).await? == RemoveResult::Kept {
        return Ok(RemoveResult::Kept);
    }
    // The event's time, so that a repeated call starts the same execution.
    let second = u64::try_from(event.time.unix_seconds()).unwrap_or(0);
    let sequencer = Sequencer::for_reprocessing(Some(sequencer), second);
    let received_at = version.received_at;
    start_execution(key, version, sequencer, received_at, "Current Again", ports).await?;
    Ok(RemoveResult::Reprocessed)
}
