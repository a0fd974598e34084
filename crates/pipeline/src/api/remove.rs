//! Remove that picture, and everything that was made of it. Its source's versions stay, unless they are purged.
//!
//! Source first, so that nothing new can be made of it; then the renditions; the record last.
//! Whatever this dies at, a repetition finds what is left. What executions that are still under
//! way have written is tagged when they find no record to close.

use imaging::{is_rendition_of, rendition_prefix};
use serde::{Deserialize, Serialize};

use crate::{
    Failure, Sequencer, Timestamp,
    messages::Bucket,
    ports::{Burial, Catalogue, SourceVersions, StoredRenditions},
};

/// How long events of a removed picture are still expected: an execution can be redriven, and an
/// event wait in a queue, for 14 days.
const REMEMBERED_DAYS: u32 = 30;

/// "Object Deleted" of the source bucket, on EventBridge.
///
/// Source: Amazon S3 User Guide, "EventBridge event message structure".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceDeleted {
    /// What was deleted.
    pub detail: ObjectDeleted,
}

/// The detail of an "Object Deleted" event, as far as it is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectDeleted {
    /// From where.
    pub bucket: Bucket,
    /// What.
    pub object: DeletedObject,
}

/// The object of an "Object Deleted" event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedObject {
    /// The source key.
    pub key: String,
    /// Where this event stands among the events of its key.
    pub sequencer: Sequencer,
}

/// What came of the deletion of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    /// Renditions and record are gone.
    Removed,
    /// The key holds a picture, or a later upload of it is recorded: nothing was done.
    Kept,
}

/// What becomes of the versions of a source that is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Versions {
    /// They stay below a delete marker until the bucket's lifecycle rule removes them: removing the marker brings the
    /// source back.
    Keep,
    /// They are deleted permanently.
    Purge,
}

/// Removes a picture: deletes its renditions and its record, and its source as `versions` says. A key without a picture is
/// no error.
///
/// # Errors
/// When a port fails; a repetition goes on from there.
pub async fn remove(
    key: &str,
    versions: Versions,
    now: Timestamp,
    catalogue: &impl Catalogue,
    sources: &impl SourceVersions,
    renditions: &impl StoredRenditions,
) -> Result<Removal, Failure> {
    let known = catalogue.sequencer(key).await?;
    match versions {
        Versions::Purge => sources.remove_all(key).await?,
        // S3 puts a marker on any key, each time.
        Versions::Keep if sources.current(key).await?.is_none() => {}
        Versions::Keep => sources.mark_deleted(key).await?,
    }
    clear(key, known.as_ref(), now, catalogue, sources, renditions).await
}

/// A source was deleted in S3: its renditions and its record go, too, once the key holds nothing.
///
/// Events come late and in any order. What is known of the key by a later event stands, and from
/// now on nothing earlier than this one is let in.
///
/// # Errors
/// When a port fails.
pub async fn source_deleted(
    event: &SourceDeleted,
    now: Timestamp,
    catalogue: &impl Catalogue,
    sources: &impl SourceVersions,
    renditions: &impl StoredRenditions,
) -> Result<Removal, Failure> {
    let DeletedObject { key, sequencer } = &event.detail.object;
    if catalogue.sequencer(key).await?.is_some_and(|known| known > *sequencer) {
        return Ok(Removal::Kept);
    }
    clear(key, Some(sequencer), now, catalogue, sources, renditions).await
}

/// Removes what is left of a key that holds no source, and buries its record under `last`.
async fn clear(
    key: &str,
    last: Option<&Sequencer>,
    now: Timestamp,
    catalogue: &impl Catalogue,
    sources: &impl SourceVersions,
    renditions: &impl StoredRenditions,
) -> Result<Removal, Failure> {
    let mut keys = renditions.list(&rendition_prefix(key)).await?;
    keys.retain(|rendition| is_rendition_of(rendition, key));
    // Asked last: the same content, uploaded again meanwhile, would have renditions of the same keys.
    if sources.current(key).await?.is_some() {
        return Ok(Removal::Kept);
    }
    renditions.remove(&keys).await?;
    let Some(last) = last else { return Ok(Removal::Removed) };
    Ok(match catalogue.bury(key, last, now.plus_days(REMEMBERED_DAYS)).await? {
        Burial::Buried => Removal::Removed,
        Burial::Newer => Removal::Kept,
    })
}
