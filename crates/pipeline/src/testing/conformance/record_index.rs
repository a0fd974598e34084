//! Records: lists by status and time, and tombstones.

use super::records::{close, completed, is_closed, open, processing, received_at, time};
use crate::{
    Record, Sequencer, Status,
    ports::{CloseResult, OpenResult, Records, SupersedeResult, TimeRange, TombstoneResult},
    testing::sample::rendition,
};

/// All keys begin with `prefix`. The port has no other records of the years 2001 to 2003.
pub async fn record_index(port: &impl Records, prefix: &str) {
    the_newest_come_first_and_all_of_the_oldest_time_are_included(port, prefix).await;
    a_record_is_only_listed_with_its_status(port, prefix).await;
    a_deleted_record_cannot_be_recreated(port, &format!("{prefix}/buried ü+%2B.jpg")).await;
    a_tombstone_never_replaces_a_later_upload(port, &format!("{prefix}/later")).await;
    a_deletion_that_keeps_the_record_supersedes_late_events(port, &format!("{prefix}/kept")).await;
}

async fn the_newest_come_first_and_all_of_the_oldest_time_are_included(port: &impl Records, prefix: &str) {
    for (name, at) in [
        ("a", "2001-01-01T00:00:01Z"),
        ("b", "2001-01-01T00:00:02Z"),
        ("c", "2001-01-01T00:00:02Z"),
        ("d", "2001-01-01T00:00:02Z"),
        ("e", "2001-01-01T00:00:03Z"),
    ] {
        let record = processing(&format!("{prefix}/list/{name}"), "01", "x");
        open(port, &received_at(record, time(at))).await;
    }
    let second = |second: &str| time(&format!("2001-01-01T00:00:0{second}Z"));
    let range = |from: &str, to: &str| TimeRange { from: Some(second(from)), to: Some(second(to)) };
    for (range, at_least, expected) in [
        (range("1", "3"), 1, 1),
        (range("1", "3"), 2, 4),
        (range("1", "3"), 3, 4),
        (range("1", "3"), 5, 5),
        (range("1", "3"), usize::MAX, 5),
        (range("1", "2"), 1, 3),
        (range("3", "3"), 9, 1),
        (range("3", "1"), 9, 0),
        (TimeRange::at(second("2.500")), 9, 0),
        (TimeRange { from: None, to: Some(second("1")) }, 9, 1),
    ] {
        let found = list(port, Status::Processing, range, at_least).await;
        assert_eq!(found.len(), expected, "{at_least} of {range:?}: {found:?}");
        let sorted = found.is_sorted_by(|a, b| a.upload.received_at >= b.upload.received_at);
        assert!(sorted, "{found:?}");
    }
}

async fn a_record_is_only_listed_with_its_status(port: &impl Records, prefix: &str) {
    let at = time("2002-01-01T00:00:00Z");
    let record = received_at(processing(&format!("{prefix}/status"), "01", "x"), at);
    open(port, &record).await;
    let done = completed(record, &["r1"]);
    close(port, &done).await;
    for status in Status::ALL {
        let found = list(port, status, TimeRange::at(at), 9).await;
        let expected = if status == Status::Completed { vec![done.clone()] } else { Vec::new() };
        assert_eq!(found, expected, "{status:?}");
    }
}

async fn a_deleted_record_cannot_be_recreated(port: &impl Records, key: &str) {
    let at = time("2003-01-01T00:00:00Z");
    let record = received_at(processing(key, "02", "x"), at);
    assert_eq!(last_sequencer(port, key).await, None);
    open(port, &record).await;
    assert_eq!(last_sequencer(port, key).await, Some(Sequencer::new("02")));

    assert_eq!(write_tombstone(port, key, "03").await, written(&[]));
    assert_eq!(write_tombstone(port, key, "03").await, written(&[]), "again");
    assert_eq!(port.get(key).await.expect("get"), None);
    assert_eq!(last_sequencer(port, key).await, Some(Sequencer::new("03")));
    assert_eq!(list(port, Status::Processing, TimeRange::at(at), 9).await, []);

    let refused = CloseResult::Refused { current: None };
    let closed = close(port, &completed(record.clone(), &["r1"])).await;
    assert_eq!(closed, refused, "by an execution that is still running");
    assert_eq!(open(port, &record).await, OpenResult::Superseded, "by a late event");
    assert_eq!(open(port, &processing(key, "03", "y")).await, OpenResult::Superseded);
    assert_eq!(port.get(key).await.expect("get"), None);

    let next = processing(key, "04", "y");
    assert_eq!(open(port, &next).await, OpenResult::Opened, "by a later upload");
    assert_eq!(port.get(key).await.expect("get"), Some(next.clone()));
    assert!(is_closed(&close(port, &completed(next, &["r1"])).await));
}

async fn a_tombstone_never_replaces_a_later_upload(port: &impl Records, key: &str) {
    let record = processing(key, "0B", "x");
    open(port, &record).await;
    assert_eq!(write_tombstone(port, key, "0A").await, TombstoneResult::Superseded);
    assert_eq!(port.get(key).await.expect("get"), Some(record));
    let same = write_tombstone(port, key, "0B").await;
    assert_eq!(same, written(&[]), "with the record's own sequencer");

    let unknown = format!("{key}/unknown");
    assert_eq!(write_tombstone(port, &unknown, "0A").await, written(&[]));
    assert_eq!(open(port, &processing(&unknown, "09", "x")).await, OpenResult::Superseded);
}

async fn a_deletion_that_keeps_the_record_supersedes_late_events(port: &impl Records, key: &str) {
    let supersede =
        async |sequencer: &str| port.supersede_events(key, &Sequencer::new(sequencer)).await.expect("supersede_events");
    assert_eq!(supersede("03").await, SupersedeResult::NotRecorded);
    let record = processing(key, "01", "x");
    assert_eq!(open(port, &record).await, OpenResult::Opened, "nothing was remembered without a record");
    assert_eq!(supersede("00").await, SupersedeResult::Superseded, "by the record");
    assert_eq!(supersede("03").await, SupersedeResult::Recorded(Box::new(record.clone())));
    assert_eq!(supersede("03").await, SupersedeResult::Recorded(Box::new(record.clone())), "again");
    assert_eq!(supersede("02").await, SupersedeResult::Superseded, "by a later deletion");
    assert_eq!(last_sequencer(port, key).await, Some(Sequencer::new("03")));

    for late in ["02", "03"] {
        assert_eq!(open(port, &processing(key, late, "y")).await, OpenResult::Superseded, "{late}");
        assert_eq!(port.get(key).await.expect("get"), Some(record.clone()));
    }
    assert_eq!(open(port, &record).await, OpenResult::Opened, "its own event again");
    assert!(is_closed(&close(port, &completed(record, &["r1"])).await), "its own execution");
    assert_eq!(write_tombstone(port, key, "02").await, TombstoneResult::Superseded);
    let later = processing(key, "04", "y");
    assert_eq!(open(port, &later).await, OpenResult::Opened, "a later upload");
    assert!(is_closed(&close(port, &completed(later, &["r2"])).await));
    assert_eq!(write_tombstone(port, key, "05").await, written(&["r2"]), "it names what the record listed");
    assert_eq!(supersede("06").await, SupersedeResult::NotRecorded, "a tombstone");
    assert_eq!(port.get(key).await.expect("get"), None);
}

fn written(keys: &[&str]) -> TombstoneResult {
    TombstoneResult::Written { renditions: keys.iter().map(|key| rendition(key)).collect() }
}

async fn list(port: &impl Records, status: Status, received: TimeRange, at_least: usize) -> Vec<Record> {
    port.list_newest(status, received, at_least).await.expect("list")
}

async fn last_sequencer(port: &impl Records, key: &str) -> Option<Sequencer> {
    port.last_sequencer(key).await.expect("last_sequencer")
}

async fn write_tombstone(port: &impl Records, key: &str, sequencer: &str) -> TombstoneResult {
    let expires_at = time("2999-01-01T00:00:00Z");
    port.write_tombstone(key, &Sequencer::new(sequencer), expires_at).await.expect("tombstone")
}
