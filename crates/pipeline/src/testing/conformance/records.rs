//! Records: who may open, who may close, and what is remembered.

use imaging::{Format, RejectionCode};

use crate::{
    Ending, FailureNote, Picture, Record, Rejection, Rendition, Retention, Sequencer, Status,
    Timestamp,
    ports::{Closing, Opening, Records},
};

/// Plays every story of one key, each under a key of its own that begins with `prefix`.
pub async fn records(port: &impl Records, prefix: &str) {
    let key = |story: &str| format!("{prefix}/{story} ü+%2B.jpg");
    a_record_is_read_as_it_was_opened(port, &key("read")).await;
    a_later_upload_takes_over_and_an_older_one_does_not(port, &key("order")).await;
    the_same_event_again_changes_nothing(port, &key("again")).await;
    only_the_execution_that_closed_may_close_again(port, &key("once")).await;
    an_older_execution_loses_to_a_later_upload(port, &key("late")).await;
    a_failure_gives_way_to_a_redrive_and_never_undoes_success(port, &key("failed")).await;
    replaced_renditions_are_remembered_until_they_are_forgotten(port, &key("replaced")).await;
    a_rejection_is_stored_whole(port, &key("rejected")).await;
    what_was_deleted_cannot_be_closed(port, &key("deleted")).await;
}

async fn a_record_is_read_as_it_was_opened(port: &impl Records, key: &str) {
    assert_eq!(port.get(key).await.expect("get"), None);
    let record = opened(key, "01", "a");
    assert_eq!(open(port, &record).await, Opening::Opened);
    assert_eq!(standing(port, key).await, record);
}

async fn a_later_upload_takes_over_and_an_older_one_does_not(port: &impl Records, key: &str) {
    let (older, later) = (opened(key, "0A", "a"), opened(key, "0A1", "b"));
    assert_eq!(open(port, &older).await, Opening::Opened);
    assert_eq!(open(port, &later).await, Opening::Opened);
    assert_eq!(open(port, &older).await, Opening::Superseded);
    assert_eq!(standing(port, key).await, later);
}

async fn the_same_event_again_changes_nothing(port: &impl Records, key: &str) {
    let done = completed(opened(key, "01", "a"), &["r1"]);
    open(port, &opened(key, "01", "a")).await;
    close(port, &done).await;
    assert_eq!(open(port, &opened(key, "01", "b")).await, Opening::Opened);
    assert_eq!(standing(port, key).await, done);
}

async fn only_the_execution_that_closed_may_close_again(port: &impl Records, key: &str) {
    open(port, &opened(key, "01", "a")).await;
    let first = completed(opened(key, "01", "b"), &["r1"]);
    assert!(is_closed(&close(port, &first).await), "whoever comes first closes");
    assert!(is_closed(&close(port, &first).await), "and may again");
    let second = completed(opened(key, "01", "a"), &["r1"]);
    let lost = Closing::Lost { standing: Some(Box::new(first)) };
    assert_eq!(close(port, &second).await, lost);
}

async fn an_older_execution_loses_to_a_later_upload(port: &impl Records, key: &str) {
    open(port, &opened(key, "01", "a")).await;
    let later = opened(key, "02", "b");
    open(port, &later).await;
    let lost = Closing::Lost { standing: Some(Box::new(later)) };
    assert_eq!(close(port, &completed(opened(key, "01", "a"), &["r1"])).await, lost);
    assert_eq!(close(port, &failed(opened(key, "01", "a"))).await, lost);
}

async fn a_failure_gives_way_to_a_redrive_and_never_undoes_success(port: &impl Records, key: &str) {
    let record = opened(key, "01", "a");
    open(port, &record).await;
    assert!(is_closed(&close(port, &failed(record.clone())).await));
    assert!(is_closed(&close(port, &failed(record.clone())).await), "told twice");
    let other = failed(opened(key, "01", "b"));
    assert!(!is_closed(&close(port, &other).await), "one failure is enough");
    let done = completed(record.clone(), &["r1"]);
    assert!(is_closed(&close(port, &done).await), "a redrive completes it");
    assert!(!is_closed(&close(port, &failed(record)).await), "the failure is told too late");
    let stands = standing(port, key).await;
    assert_eq!(stands, done, "and nothing of the failure is left");
}

async fn replaced_renditions_are_remembered_until_they_are_forgotten(
    port: &impl Records,
    key: &str,
) {
    open(port, &opened(key, "01", "a")).await;
    close(port, &completed(opened(key, "01", "a"), &["r1"])).await;
    open(port, &opened(key, "02", "b")).await;
    assert_eq!(standing(port, key).await.renditions, [], "the new upload has none yet");
    open(port, &opened(key, "03", "c")).await;
    let done = completed(opened(key, "03", "c"), &["r3"]);
    let expected = Closing::Closed { replaced: vec![rendition("r1")] };
    assert_eq!(close(port, &done).await, expected);
    assert_eq!(close(port, &done).await, expected, "a retry is told them again");

    port.forget_replaced(&completed(opened(key, "02", "b"), &[])).await.expect("forget");
    assert_eq!(close(port, &done).await, expected, "an older upload forgets nothing");
    port.forget_replaced(&done).await.expect("forget");
    assert_eq!(close(port, &done).await, Closing::Closed { replaced: Vec::new() });
    assert_eq!(standing(port, key).await, done);
}

async fn a_rejection_is_stored_whole(port: &impl Records, key: &str) {
    let record = opened(key, "01", "a");
    open(port, &record).await;
    let rejection = Rejection { code: RejectionCode::Corrupt, message: "cut short".to_owned() };
    let rejected = record.closed(Ending::Rejected(rejection), moment("2026-05-01T12:00:02Z"));
    close(port, &rejected).await;
    assert_eq!(standing(port, key).await, rejected);
}

async fn what_was_deleted_cannot_be_closed(port: &impl Records, key: &str) {
    let closing = close(port, &completed(opened(key, "01", "a"), &["r1"])).await;
    assert_eq!(closing, Closing::Lost { standing: None });
    assert_eq!(port.get(key).await.expect("get"), None);
}

pub(super) async fn open(port: &impl Records, record: &Record) -> Opening {
    port.open(record).await.expect("open")
}

pub(super) async fn close(port: &impl Records, record: &Record) -> Closing {
    port.close(record).await.expect("close")
}

async fn standing(port: &impl Records, key: &str) -> Record {
    port.get(key).await.expect("get").expect("the record was opened")
}

pub(super) fn is_closed(closing: &Closing) -> bool {
    matches!(closing, Closing::Closed { .. })
}

pub(super) fn opened(key: &str, sequencer: &str, execution: &str) -> Record {
    let picture = Picture {
        bucket: "sources".to_owned(),
        key: key.to_owned(),
        version_id: Some("v1".to_owned()),
        etag: "5d41402abc4b2a76b9719d911017c592".to_owned(),
        byte_len: 4_000_000,
        sequencer: Sequencer::new(sequencer),
        execution: execution.to_owned(),
        received_at: moment("2026-05-01T12:00:00Z"),
        profile: "web".to_owned(),
        format: Some(Format::Jpeg),
        width: Some(4000),
        height: Some(3000),
    };
    // A century: the service deletes a record that has expired, in the middle of a test.
    Record::opened(&picture, Retention { days: 36_500 })
}

pub(super) fn completed(record: Record, keys: &[&str]) -> Record {
    let renditions = keys.iter().map(|key| rendition(key)).collect();
    record.closed(Ending::Completed(renditions), moment("2026-05-01T12:00:01.5Z"))
}

fn failed(record: Record) -> Record {
    let note = FailureNote { error: "Misconfigured".to_owned(), cause: "a role".to_owned() };
    let failed = record.closed(Ending::Failed(note), moment("2026-05-01T12:00:09Z"));
    assert_eq!(failed.status, Status::Failed);
    failed
}

fn rendition(key: &str) -> Rendition {
    Rendition {
        name: "thumbnail".to_owned(),
        key: key.to_owned(),
        format: Format::Webp,
        width: 300,
        height: 225,
        byte_len: 9_000,
        limited_by: None,
        url: None,
    }
}

pub(super) fn moment(text: &str) -> Timestamp {
    serde_json::from_value(text.into()).expect("a literal time")
}
