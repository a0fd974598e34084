//! Reprocesses a picture: starts an execution for the current version of its source.

use serde_json::json;
use sha2::{Digest, Sha256};

use super::ApiPorts;
use crate::{
    Result, Sequencer, Timestamp,
    messages::EventObject,
    ports::{Executions, Records, SourceVersion, Sources},
};

/// Starts an execution for the current version of a source and returns its ARN; none if the key has no source.
///
/// Calls for one key within the same second start one execution. Its sequencer is
/// [right after the last known one](Sequencer::for_reprocessing): it replaces the current record, and a later upload
/// replaces it.
///
/// # Errors
/// If a port fails.
pub async fn reprocess(key: &str, now: Timestamp, ports: &impl ApiPorts) -> Result<Option<String>> {
    let (bucket, records) = (ports.source_bucket(), ports.records());
    let Some(version) = ports.sources().current_version(bucket, key).await? else {
        return Ok(None);
    };
    let last = records.last_sequencer(key).await?;
    let now = u64::try_from(now.unix_seconds()).unwrap_or(0);
    let sequencer = Sequencer::for_reprocessing(last.as_ref(), now);

    // The picture keeps its position in lists. S3's event and HEAD state slightly different times for one upload, so
    // the recorded time is used if the record is of this version.
    let record = records.get(key).await?;
    let record = record.filter(|record| version.is_content_of(record));
    let received_at = record.map_or(version.received_at, |record| record.upload.received_at);

    start_execution(key, version, sequencer, received_at, "Process Again", ports).await.map(Some)
}

/// Starts an execution for `version` of a source, and returns its ARN. The same second of `sequencer` gives the same
/// execution.
pub(super) async fn start_execution(
    key: &str,
    version: SourceVersion,
    sequencer: Sequencer,
    received_at: Timestamp,
    reason: &str,
    ports: &impl ApiPorts,
) -> Result<String> {
    let name = execution_name(key, &version, sequencer.reprocessing_second());
    let object = EventObject {
        key: key.to_owned(),
        size: version.byte_len,
        etag: version.etag,
        version_id: version.version_id,
        sequencer,
    };
    // The same shape as S3's event: the fields that the state machine uses.
    let input = json!({
        "source": "darkroom",
        "detail-type": "Object Created",
        "time": received_at,
        "detail": {"bucket": {"name": ports.source_bucket()}, "object": object, "reason": reason},
    });
    ports.executions().start(&name, &input.to_string()).await
}

/// A hash, because the name of an execution is limited to 80 characters, and a key has characters that it cannot have.
fn execution_name(key: &str, version: &SourceVersion, second: u64) -> String {
    let mut hash = Sha256::new();
    // The length of each part, so that no two pairs have the same hash.
    for part in [key, version.version_id.as_deref().unwrap_or(&version.etag)] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hash.update(second.to_be_bytes());
    format!("again-{}", &hex::encode(hash.finalize())[..32])
}
