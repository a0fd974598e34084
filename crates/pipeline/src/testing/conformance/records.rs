//! Records: opening, closing, and remembering replaced renditions.

use imaging::RejectionCode;

use crate::{
    FailureNote, Record, RecordOutcome, RejectionNote, Retention, Status, Timestamp,
    ports::{CloseResult, OpenResult, Records},
    testing::sample::{picture, rendition},
};

/// Each check has its own key, which begins with `prefix`.
pub async fn records(port: &impl Records, prefix: &str) {
    let key = |name: &str| format!("{prefix}/{name} ü+%2B.jpg");
    an_opened_record_can_be_read(port, &key("read")).await;
    a_later_upload_replaces_an_earlier_one_but_not_the_reverse(port, &key("order")).await;
    a_repeated_event_changes_nothing(port, &key("again")).await;
    only_the_execution_that_closed_a_record_can_close_it_again(port, &key("once")).await;
    an_execution_of_an_earlier_upload_is_refused(port, &key("late")).await;
    a_redrive_replaces_a_failure_and_a_failure_never_replaces_success(port, &key("failed")).await;
    replaced_renditions_are_remembered_until_they_are_forgotten(port, &key("replaced")).await;
    a_rejection_is_stored(port, &key("rejected")).await;
    a_deleted_record_cannot_be_closed(port, &key("deleted")).await;
}

async fn an_opened_record_can_be_read(port: &impl Records, key: &str) {
    assert_eq!(port.get(key).await.expect("get"), None);
    let record = processing(key, "01", "a");
    assert_eq!(open(port, &record).await, OpenResult::Opened);
    assert_eq!(current(port, key).await, record);
}

async fn a_later_upload_replaces_an_earlier_one_but_not_the_reverse(port: &impl Records, key: &str) {
    let (earlier, later) = (processing(key, "0A", "a"), processing(key, "0A1", "b"));
    assert_eq!(open(port, &earlier).await, OpenResult::Opened);
    assert_eq!(open(port, &later).await, OpenResult::Opened);
    assert_eq!(open(port, &earlier).await, OpenResult::Superseded);
    assert_eq!(current(port, key).await, later);
}

async fn a_repeated_event_changes_nothing(port: &impl Records, key: &str) {
    let done = completed(processing(key, "01", "a"), &["r1"]);
    open(port, &processing(key, "01", "a")).await;
    close(port, &done).await;
    assert_eq!(open(port, &processing(key, "01", "b")).await, OpenResult::Opened);
    assert_eq!(current(port, key).await, done);
}

async fn only_the_execution_that_closed_a_record_can_close_it_again(port: &impl Records, key: &str) {
    open(port, &processing(key, "01", "a")).await;
    let first = completed(processing(key, "01", "b"), &["r1"]);
    assert!(is_closed(&close(port, &first).await), "the first execution closes it");
    assert!(is_closed(&close(port, &first).await), "the same execution again");
    let second = completed(processing(key, "01", "a"), &["r1"]);
    let refused = CloseResult::Refused { current: Some(Box::new(first)) };
    assert_eq!(close(port, &second).await, refused);
}

async fn an_execution_of_an_earlier_upload_is_refused(port: &impl Records, key: &str) {
    open(port, &processing(key, "01", "a")).await;
    let later = processing(key, "02", "b");
    open(port, &later).await;
    let refused = CloseResult::Refused { current: Some(Box::new(later)) };
    assert_eq!(close(port, &completed(processing(key, "01", "a"), &["r1"])).await, refused);
    assert_eq!(close(port, &failed(processing(key, "01", "a"))).await, refused);
}

async fn a_redrive_replaces_a_failure_and_a_failure_never_replaces_success(port: &impl Records, key: &str) {
    let record = processing(key, "01", "a");
    open(port, &record).await;
    assert!(is_closed(&close(port, &failed(record.clone())).await));
    assert!(is_closed(&close(port, &failed(record.clone())).await), "the same failure again");
    let other = failed(processing(key, "01", "b"));
    assert!(!is_closed(&close(port, &other).await), "a failure of another execution");
    let done = completed(record.clone(), &["r1"]);
    assert!(is_closed(&close(port, &done).await), "a redrive completes it");
    assert!(!is_closed(&close(port, &failed(record)).await), "a failure that is reported late");
    assert_eq!(current(port, key).await, done, "the failure is removed from the record");
}

async fn replaced_renditions_are_remembered_until_they_are_forgotten(port: &impl Records, key: &str) {
    open(port, &processing(key, "01", "a")).await;
    close(port, &completed(processing(key, "01", "a"), &["r1"])).await;
    open(port, &processing(key, "02", "b")).await;
    assert_eq!(current(port, key).await.renditions, [], "the new upload has no renditions yet");
    open(port, &processing(key, "03", "c")).await;
    let done = completed(processing(key, "03", "c"), &["r3"]);
    let expected = CloseResult::Closed { replaced: vec![rendition("r1")] };
    assert_eq!(close(port, &done).await, expected);
    assert_eq!(close(port, &done).await, expected, "a retry gets them again");

    let earlier = completed(processing(key, "02", "b"), &[]);
    port.forget_replaced(&earlier).await.expect("forget");
    assert_eq!(close(port, &done).await, expected, "no-op for an earlier upload");
    port.forget_replaced(&done).await.expect("forget");
    assert_eq!(close(port, &done).await, CloseResult::Closed { replaced: Vec::new() });
    assert_eq!(current(port, key).await, done);
}

async fn a_rejection_is_stored(port: &impl Records, key: &str) {
    let record = processing(key, "01", "a");
    open(port, &record).await;
    let note = RejectionNote { code: RejectionCode::Corrupt, message: "cut short".to_owned() };
    let rejected = record.with_outcome(RecordOutcome::Rejected(note), time("2026-05-01T12:00:02Z"));
    close(port, &rejected).await;
    assert_eq!(current(port, key).await, rejected);
}

async fn a_deleted_record_cannot_be_closed(port: &impl Records, key: &str) {
    let result = close(port, &completed(processing(key, "01", "a"), &["r1"])).await;
    assert_eq!(result, CloseResult::Refused { current: None });
    assert_eq!(port.get(key).await.expect("get"), None);
}

pub(super) async fn open(port: &impl Records, record: &Record) -> OpenResult {
    port.open(record).await.expect("open")
}

pub(super) async fn close(port: &impl Records, record: &Record) -> CloseResult {
    port.close(record).await.expect("close")
}

async fn current(port: &impl Records, key: &str) -> Record {
    port.get(key).await.expect("get").expect("the record was opened")
}

pub(super) fn is_closed(result: &CloseResult) -> bool {
    matches!(result, CloseResult::Closed { .. })
}

pub(super) fn processing(key: &str, sequencer: &str, execution: &str) -> Record {
    // A hundred years: DynamoDB would delete an expired record during the test.
    Record::processing(&picture(key, sequencer, execution), Retention { days: 36_500 })
}

/// That record, with another time of its upload.
pub(super) fn received_at(mut record: Record, at: Timestamp) -> Record {
    record.upload.received_at = at;
    record
}

pub(super) fn completed(record: Record, keys: &[&str]) -> Record {
    let renditions = keys.iter().map(|key| rendition(key)).collect();
    record.with_outcome(RecordOutcome::Completed(renditions), time("2026-05-01T12:00:01.5Z"))
}

fn failed(record: Record) -> Record {
    let note = FailureNote { error: "Misconfigured".to_owned(), cause: "a role".to_owned() };
    let failed = record.with_outcome(RecordOutcome::Failed(note), time("2026-05-01T12:00:09Z"));
    assert_eq!(failed.status, Status::Failed);
    failed
}

pub(super) fn time(text: &str) -> Timestamp {
    serde_json::from_value(text.into()).expect("a literal time")
}
