//! Lists: newest first, page by page, while other pictures arrive.

use pipeline::{
    Record, RecordOutcome, Retention, Status, Timestamp,
    api::{Cursor, ListQuery, Page, list},
    ports::Records,
    testing::{InMemoryCloud, sample::picture},
};
use proptest::prelude::*;

const EVERYTHING: ListQuery = ListQuery { status: None, after: None, before: None, limit: 2, cursor: None };

fn at(second: u32) -> Timestamp {
    format!("2026-05-01T12:{:02}:{:02}Z", second / 60, second % 60).parse().unwrap()
}

async fn upload(cloud: &InMemoryCloud, key: &str, second: u32) -> Record {
    let mut picture = picture(key, "01", "x");
    picture.upload.received_at = at(second);
    let record = Record::processing(&picture, Retention { days: 90 });
    cloud.open(&record).await.unwrap();
    record
}

async fn complete(cloud: &InMemoryCloud, record: Record) {
    let completed = record.with_outcome(RecordOutcome::Completed(Vec::new()), at(3000));
    cloud.close(&completed).await.unwrap();
}

async fn page(cloud: &InMemoryCloud, query: &ListQuery, cursor: Option<Cursor>) -> Page {
    // Converted to text and back, as a caller gets and sends it.
    let cursor = cursor.map(|cursor| cursor.to_string().parse().unwrap());
    list(ListQuery { cursor, ..query.clone() }, cloud).await.unwrap()
}

fn keys(page: &Page) -> Vec<&str> {
    page.records.iter().map(|record| record.key.as_str()).collect()
}

#[tokio::test]
async fn the_newest_come_first_whatever_their_status() {
    let cloud = InMemoryCloud::default();
    let (a, _) = (upload(&cloud, "a", 1).await, upload(&cloud, "b", 2).await);
    let c = upload(&cloud, "c", 3).await;
    complete(&cloud, a).await;
    complete(&cloud, c).await;
    let first = page(&cloud, &EVERYTHING, None).await;
    assert_eq!(keys(&first), ["c", "b"]);
    let second = page(&cloud, &EVERYTHING, first.cursor).await;
    assert_eq!((keys(&second), &second.cursor), (vec!["a"], &None));

    let completed = ListQuery { status: Some(Status::Completed), ..EVERYTHING };
    assert_eq!(keys(&page(&cloud, &completed, None).await), ["c", "a"]);
    let rejected = ListQuery { status: Some(Status::Rejected), ..EVERYTHING };
    assert_eq!(page(&cloud, &rejected, None).await, Page { records: Vec::new(), cursor: None });
}

#[tokio::test]
async fn after_is_inclusive_and_before_is_exclusive() {
    let cloud = InMemoryCloud::default();
    for second in 1..=4 {
        upload(&cloud, &second.to_string(), second).await;
    }
    let range = ListQuery { after: Some(at(2)), before: Some(at(4)), ..EVERYTHING };
    assert_eq!(keys(&page(&cloud, &range, None).await), ["3", "2"]);
    let empty = ListQuery { after: Some(at(4)), before: Some(at(2)), ..EVERYTHING };
    assert_eq!(page(&cloud, &empty, None).await.records, []);
}

/// What happens between two pages.
#[derive(Debug, Clone)]
enum Change {
    Nothing,
    Upload,
    Complete(usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![Just(Change::Nothing), Just(Change::Upload), (0_usize..40).prop_map(Change::Complete),]
}

proptest! {
    #[test]
    fn each_record_is_listed_once_while_others_arrive(
        seconds in prop::collection::vec(0_u32..6, 0..40),
        limit in 1_usize..7,
        changes in prop::collection::vec(change(), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let cloud = InMemoryCloud::default();
            let mut uploaded = Vec::new();
            for (index, second) in seconds.iter().enumerate() {
                uploaded.push(upload(&cloud, &format!("k{:02}", index * 7 % 40), *second).await);
            }
            let mut expected = uploaded.clone();
            expected.sort_by(|a, b| {
                (b.upload.received_at, &a.key).cmp(&(a.upload.received_at, &b.key))
            });

            let (query, mut cursor, mut listed) = (ListQuery { limit, ..EVERYTHING }, None, Vec::new());
            for turn in 0.. {
                let found = page(&cloud, &query, cursor).await;
                prop_assert!(found.records.len() <= limit);
                listed.extend(found.records.iter().map(|record| record.key.clone()));
                if found.cursor.is_none() {
                    break;
                }
                cursor = found.cursor;
                match &changes[turn % changes.len()] {
                    Change::Nothing => {}
                    Change::Upload => drop(upload(&cloud, &format!("new{turn}"), 100).await),
                    Change::Complete(index) => {
                        if let Some(record) = uploaded.get(*index) {
                            complete(&cloud, record.clone()).await;
                        }
                    }
                }
            }
            let expected: Vec<_> = expected.into_iter().map(|record| record.key).collect();
            prop_assert_eq!(listed, expected);
            Ok(())
        })?;
    }
}
