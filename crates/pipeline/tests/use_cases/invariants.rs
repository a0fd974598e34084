//! What is true for every key after any failures, in any order.

use std::collections::BTreeSet;

use pipeline::{Record, Status, messages::ImageEvent, ports::Records};

use crate::execution_runner::{ExecutionRunner, UploadSpec};

/// Checks what must hold at any time. `before` is the record before the last step; returns the record after it.
pub(crate) async fn check_now(runner: &ExecutionRunner, before: Option<&Record>) -> Option<Record> {
    let key = runner.cloud.record_keys().into_iter().next()?;
    let record = runner.cloud.get(&key).await.unwrap()?;
    if let Some(before) = before {
        let (earlier, later) = (&before.upload.sequencer, &record.upload.sequencer);
        assert!(earlier <= later, "an earlier upload has replaced the record");
        if earlier == later && before != &record {
            let is_final = [Status::Completed, Status::Rejected].contains(&before.status);
            assert!(!is_final || before.status == record.status, "{before:?} became {record:?}");
        }
    }
    for rendition in &record.renditions {
        let stored = runner.cloud.rendition(&rendition.key).map(|stored| stored.bytes.len() as u64);
        assert_eq!(stored, Some(rendition.byte_len), "a listed rendition is missing");
    }
    Some(record)
}

/// Checks what must hold when nothing runs and nothing is left to redrive. `latest` is the last upload of the key, and
/// `status` its outcome.
pub(crate) async fn check_at_the_end(runner: &ExecutionRunner, latest: &UploadSpec, status: Status) {
    let cloud = &runner.cloud;
    let record = cloud.get(latest.key).await.unwrap().expect("every upload has a record");
    assert_eq!(record.upload.version_id, Some(latest.version()), "the record is of the latest");
    assert_eq!(record.status, status, "{record:?}");
    assert_eq!(record.renditions.is_empty(), status != Status::Completed);

    let listed: BTreeSet<_> = record.renditions.iter().map(|listed| listed.key.clone()).collect();
    let tagged: BTreeSet<_> = cloud.superseded().into_iter().collect();
    let stored: BTreeSet<_> = cloud.rendition_keys().into_iter().collect();
    assert!(listed.is_subset(&stored), "a listed rendition is missing");
    assert!(listed.is_disjoint(&tagged), "a listed rendition is tagged: {tagged:?}");
    let events = published_outcomes(runner, latest);
    let ids: BTreeSet<_> = events.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), 1, "the outcome is published as one event: {events:?}");
    assert!(events.iter().all(|event| event.record.status == status), "{events:?}");
    assert_eq!(events[0].record.renditions, record.renditions);
}

/// Checks that every rendition that the record does not list is tagged.
///
/// This holds for one execution and for two. If one of three is killed between setting a tag and reading the record
/// again, a rendition that no record lists may stay.
pub(crate) async fn check_no_orphans(runner: &ExecutionRunner, key: &str) {
    let cloud = &runner.cloud;
    let record = cloud.get(key).await.unwrap().expect("every upload has a record");
    let listed: BTreeSet<_> = record.renditions.into_iter().map(|listed| listed.key).collect();
    let tagged: BTreeSet<_> = cloud.superseded().into_iter().collect();
    let is_orphan = |key: &String| !listed.contains(key) && !tagged.contains(key);
    let orphans: Vec<_> = cloud.rendition_keys().into_iter().filter(is_orphan).collect();
    assert!(orphans.is_empty(), "neither listed nor tagged: {orphans:?}");
}

/// The events of an upload's outcome. A failure does not count, because it can be redriven.
pub(crate) fn published_outcomes(runner: &ExecutionRunner, upload: &UploadSpec) -> Vec<ImageEvent> {
    let is_outcome = |event: &ImageEvent| {
        event.record.upload.version_id == Some(upload.version()) && event.record.status != Status::Failed
    };
    runner.cloud.events().into_iter().filter(is_outcome).collect()
}
