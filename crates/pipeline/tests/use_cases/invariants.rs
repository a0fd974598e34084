//! What Darkroom promises of one key, whatever broke and in whatever order things happened.

use std::collections::BTreeSet;

use pipeline::{Record, Status, messages::ImageEvent, ports::Records};

use crate::state_machine::{Machine, UploadOf};

/// Checks what must hold at every moment; `before` is the record as it was a step ago.
pub(crate) async fn hold_now(machine: &Machine, before: Option<&Record>) -> Option<Record> {
    let key = machine.cloud.record_keys().into_iter().next()?;
    let record = machine.cloud.get(&key).await.unwrap()?;
    if let Some(before) = before {
        assert!(before.sequencer <= record.sequencer, "an older upload took the record over");
        if before.sequencer == record.sequencer && before != &record {
            let settled = [Status::Completed, Status::Rejected].contains(&before.status);
            assert!(!settled || before.status == record.status, "{before:?} became {record:?}");
        }
    }
    for rendition in &record.renditions {
        let stored =
            machine.cloud.rendition(&rendition.key).map(|stored| stored.bytes.len() as u64);
        assert_eq!(stored, Some(rendition.byte_len), "the record lists what is not there");
    }
    Some(record)
}

/// Checks what must hold once nothing runs any more and nothing is left to redrive: `latest` is the
/// last upload of the key, and came to `status`.
pub(crate) async fn hold_at_the_end(machine: &Machine, latest: &UploadOf, status: Status) {
    let cloud = &machine.cloud;
    let record = cloud.get(latest.key).await.unwrap().expect("every upload has a record");
    assert_eq!(record.version_id, Some(latest.version()), "the record is of the latest upload");
    assert_eq!(record.status, status, "{record:?}");
    assert_eq!(record.renditions.is_empty(), status != Status::Completed);

    let listed: BTreeSet<_> = record.renditions.iter().map(|made| made.key.clone()).collect();
    let tagged: BTreeSet<_> = cloud.superseded().into_iter().collect();
    let stored: BTreeSet<_> = cloud.rendition_keys().into_iter().collect();
    assert!(listed.is_subset(&stored), "what the record lists is there");
    assert!(listed.is_disjoint(&tagged), "what the record lists is to be removed: {tagged:?}");
    let told = outcomes_told(machine, latest);
    let ids: BTreeSet<_> = told.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), 1, "the latest upload's outcome is told, as one event: {told:?}");
    assert!(told.iter().all(|event| event.record.status == status), "{told:?}");
    assert_eq!(told[0].record.renditions, record.renditions);
}

/// Checks that what is not wanted will be removed.
///
/// It is a promise of one execution and of two. When one of three is killed between a tag and its
/// second look at the record, a rendition that nobody lists may stay: bytes too many, never too few.
pub(crate) async fn nothing_is_left_behind(machine: &Machine, key: &str) {
    let cloud = &machine.cloud;
    let record = cloud.get(key).await.unwrap().expect("every upload has a record");
    let listed: BTreeSet<_> = record.renditions.into_iter().map(|made| made.key).collect();
    let tagged: BTreeSet<_> = cloud.superseded().into_iter().collect();
    let kept = |key: &String| !listed.contains(key) && !tagged.contains(key);
    let orphans: Vec<_> = cloud.rendition_keys().into_iter().filter(kept).collect();
    assert!(orphans.is_empty(), "nobody lists them and nobody removes them: {orphans:?}");
}

/// What was told of an upload's outcome; a failure is none, for it can still be redriven.
pub(crate) fn outcomes_told(machine: &Machine, upload: &UploadOf) -> Vec<ImageEvent> {
    let of_it = |event: &ImageEvent| {
        event.record.version_id == Some(upload.version()) && event.record.status != Status::Failed
    };
    machine.cloud.events().into_iter().filter(of_it).collect()
}
