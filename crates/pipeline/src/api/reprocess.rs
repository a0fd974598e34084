//! Process that picture again: an execution for what the source key holds now.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    Failure, Sequencer, Timestamp,
    messages::Object,
    ports::{Catalogue, CurrentVersion, Executions, Records, SourceVersions},
};

/// An execution that works on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// Its ARN.
    pub execution: String,
}

/// Starts the pipeline for the current version of a source; nothing if it has none.
///
/// Calls within one second start one execution. It takes its place right after the last that is
/// known of the key, [as it were in between two events](Sequencer::again): so it replaces the
/// record that stands, and a later upload replaces it in turn.
///
/// # Errors
/// When a port fails.
pub async fn process_again<R: Records + Catalogue>(
    key: &str,
    now: Timestamp,
    records: &R,
    sources: &impl SourceVersions,
    executions: &impl Executions,
) -> Result<Option<Started>, Failure> {
    let Some(version) = sources.current(key).await? else { return Ok(None) };
    let known = records.sequencer(key).await?;
    let now = u64::try_from(now.unix_seconds()).unwrap_or(0);
    let sequencer = Sequencer::again(known.as_ref(), now);

    // A picture keeps its place in lists: S3 tells the time of an event, and HEAD a slightly earlier one.
    let record = records.get(key).await?;
    let record = record.filter(|record| record.version_id == version.version_id);
    let received_at = record.map_or(version.received_at, |record| record.received_at);

    let name = name(key, &version, sequencer.second());
    let input = input(key, &version, &sequencer, received_at);
    let execution = executions.start(&name, &input).await?;
    Ok(Some(Started { execution }))
}

/// What the state machine is given by the rule, as far as it looks at it.
fn input(
    key: &str,
    version: &CurrentVersion,
    sequencer: &Sequencer,
    received_at: Timestamp,
) -> String {
    let object = Object {
        key: key.to_owned(),
        size: version.byte_len,
        etag: version.etag.clone(),
        version_id: version.version_id.clone(),
        sequencer: sequencer.clone(),
    };
    json!({
        "source": "darkroom",
        "detail-type": "Object Created",
        "time": received_at,
        "detail": {"bucket": {"name": version.bucket}, "object": object, "reason": "Process Again"},
    })
    .to_string()
}

/// An execution's name may have 80 characters, and few of those that a key may have.
fn name(key: &str, version: &CurrentVersion, second: u64) -> String {
    let mut hash = Sha256::new();
    for part in [key, version.version_id.as_deref().unwrap_or(&version.etag)] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update(second.to_be_bytes());
    format!("again-{}", &hex::encode(hash.finalize())[..32])
}
