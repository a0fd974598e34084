//! The records as a whole: lists by time, and burials.

use super::records::{close, completed, is_closed, moment, open, opened};
use crate::{
    Record, Sequencer, Status,
    ports::{Burial, Catalogue, Closing, Opening, Records, Window},
};

/// Plays every story under keys that begin with `prefix`. Of the years 2001 to 2003, there is no
/// record but these.
pub async fn catalogue<R: Records + Catalogue>(port: &R, prefix: &str) {
    the_newest_come_first_and_a_moment_is_whole(port, prefix).await;
    a_record_is_listed_under_its_status_alone(port, prefix).await;
    what_is_buried_stays_buried(port, &format!("{prefix}/buried ü+%2B.jpg")).await;
    a_burial_never_takes_a_later_upload(port, &format!("{prefix}/later")).await;
}

async fn the_newest_come_first_and_a_moment_is_whole<R: Records + Catalogue>(
    port: &R,
    prefix: &str,
) {
    for (name, at) in [
        ("a", "2001-01-01T00:00:01Z"),
        ("b", "2001-01-01T00:00:02Z"),
        ("c", "2001-01-01T00:00:02Z"),
        ("d", "2001-01-01T00:00:02Z"),
        ("e", "2001-01-01T00:00:03Z"),
    ] {
        let record = opened(&format!("{prefix}/list/{name}"), "01", "x");
        open(port, &Record { received_at: moment(at), ..record }).await;
    }
    let second = |second: &str| moment(&format!("2001-01-01T00:00:0{second}Z"));
    let window = |from: &str, to: &str| Window { from: Some(second(from)), to: Some(second(to)) };
    for (window, at_least, expected) in [
        (window("1", "3"), 1, 1),
        (window("1", "3"), 2, 4),
        (window("1", "3"), 3, 4),
        (window("1", "3"), 5, 5),
        (window("1", "3"), usize::MAX, 5),
        (window("1", "2"), 1, 3),
        (window("3", "3"), 9, 1),
        (window("3", "1"), 9, 0),
        (Window::moment(second("2.500")), 9, 0),
        (Window { from: None, to: Some(second("1")) }, 9, 1),
    ] {
        let found = port.newest(Status::Processing, window, at_least).await.expect("newest");
        assert_eq!(found.len(), expected, "{at_least} of {window:?}: {found:?}");
        assert!(found.is_sorted_by(|a, b| a.received_at >= b.received_at), "{found:?}");
    }
}

async fn a_record_is_listed_under_its_status_alone<R: Records + Catalogue>(port: &R, prefix: &str) {
    let at = moment("2002-01-01T00:00:00Z");
    let record = Record { received_at: at, ..opened(&format!("{prefix}/status"), "01", "x") };
    open(port, &record).await;
    let done = completed(record, &["r1"]);
    close(port, &done).await;
    for status in Status::ALL {
        let found = port.newest(status, Window::moment(at), 9).await.expect("newest");
        let expected = if status == Status::Completed { vec![done.clone()] } else { Vec::new() };
        assert_eq!(found, expected, "{status:?}");
    }
}

async fn what_is_buried_stays_buried<R: Records + Catalogue>(port: &R, key: &str) {
    let at = moment("2003-01-01T00:00:00Z");
    let record = Record { received_at: at, ..opened(key, "02", "x") };
    assert_eq!(sequencer(port, key).await, None);
    open(port, &record).await;
    assert_eq!(sequencer(port, key).await, Some(Sequencer::new("02")));

    assert_eq!(bury(port, key, "03").await, Burial::Buried);
    assert_eq!(bury(port, key, "03").await, Burial::Buried, "and again");
    assert_eq!(port.get(key).await.expect("get"), None);
    assert_eq!(sequencer(port, key).await, Some(Sequencer::new("03")));
    let listed = port.newest(Status::Processing, Window::moment(at), 9).await.expect("newest");
    assert_eq!(listed, []);

    let lost = Closing::Lost { standing: None };
    assert_eq!(close(port, &completed(record.clone(), &["r1"])).await, lost, "still under way");
    assert_eq!(open(port, &record).await, Opening::Superseded, "an event that comes late");
    assert_eq!(open(port, &opened(key, "03", "y")).await, Opening::Superseded);
    assert_eq!(port.get(key).await.expect("get"), None);

    let next = opened(key, "04", "y");
    assert_eq!(open(port, &next).await, Opening::Opened, "a later upload");
    assert_eq!(port.get(key).await.expect("get"), Some(next.clone()));
    assert!(is_closed(&close(port, &completed(next, &["r1"])).await));
}

async fn a_burial_never_takes_a_later_upload<R: Records + Catalogue>(port: &R, key: &str) {
    let record = opened(key, "0B", "x");
    open(port, &record).await;
    assert_eq!(bury(port, key, "0A").await, Burial::Newer);
    assert_eq!(port.get(key).await.expect("get"), Some(record));
    assert_eq!(bury(port, key, "0B").await, Burial::Buried, "its own place is enough");

    let unknown = format!("{key}/unknown");
    assert_eq!(bury(port, &unknown, "0A").await, Burial::Buried);
    assert_eq!(open(port, &opened(&unknown, "09", "x")).await, Opening::Superseded);
}

async fn sequencer(port: &impl Catalogue, key: &str) -> Option<Sequencer> {
    port.sequencer(key).await.expect("sequencer")
}

async fn bury(port: &impl Catalogue, key: &str, sequencer: &str) -> Burial {
    let forgotten_at = moment("2999-01-01T00:00:00Z");
    port.bury(key, &Sequencer::new(sequencer), forgotten_at).await.expect("bury")
}
