//! Stories of lists: newest first, page by page, whatever arrives meanwhile.

use pipeline::{
    Ending, Record, Retention, Status, Timestamp,
    api::{Cursor, ListQuery, Page, list},
    ports::Records,
    testing::Cloud,
};
use proptest::prelude::*;

use crate::fixture::picture;

const EVERYTHING: ListQuery =
    ListQuery { status: None, after: None, before: None, limit: 2, cursor: None };

fn at(second: u32) -> Timestamp {
    format!("2026-05-01T12:{:02}:{:02}Z", second / 60, second % 60).parse().unwrap()
}

async fn arrive(cloud: &Cloud, key: &str, second: u32) -> Record {
    let mut picture = picture(key, "01", "x", "content");
    picture.received_at = at(second);
    let record = Record::opened(&picture, Retention { days: 90 });
    cloud.open(&record).await.unwrap();
    record
}

async fn complete(cloud: &Cloud, record: Record) {
    cloud.close(&record.closed(Ending::Completed(Vec::new()), at(3000))).await.unwrap();
}

async fn page(cloud: &Cloud, query: &ListQuery, cursor: Option<Cursor>) -> Page {
    // As text, as it goes through the caller's hands.
    let cursor = cursor.map(|cursor| cursor.to_string().parse().unwrap());
    list(ListQuery { cursor, ..query.clone() }, cloud).await.unwrap()
}

fn keys(page: &Page) -> Vec<&str> {
    page.records.iter().map(|record| record.key.as_str()).collect()
}

#[tokio::test]
async fn the_newest_come_first_whatever_their_status() {
    let cloud = Cloud::default();
    let (a, _) = (arrive(&cloud, "a", 1).await, arrive(&cloud, "b", 2).await);
    let c = arrive(&cloud, "c", 3).await;
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
async fn a_window_holds_its_beginning_and_not_its_end() {
    let cloud = Cloud::default();
    for second in 1..=4 {
        arrive(&cloud, &second.to_string(), second).await;
    }
    let window = ListQuery { after: Some(at(2)), before: Some(at(4)), ..EVERYTHING };
    assert_eq!(keys(&page(&cloud, &window, None).await), ["3", "2"]);
    let nothing = ListQuery { after: Some(at(4)), before: Some(at(2)), ..EVERYTHING };
    assert_eq!(page(&cloud, &nothing, None).await.records, []);
}

#[derive(Debug, Clone)]
enum Meanwhile {
    Nothing,
    Arrive,
    Complete(usize),
}

fn meanwhile() -> impl Strategy<Value = Meanwhile> {
    prop_oneof![
        Just(Meanwhile::Nothing),
        Just(Meanwhile::Arrive),
        (0_usize..40).prop_map(Meanwhile::Complete),
    ]
}

proptest! {
    #[test]
    fn nothing_is_lost_or_listed_twice_while_new_ones_arrive(
        seconds in prop::collection::vec(0_u32..6, 0..40),
        limit in 1_usize..7,
        between in prop::collection::vec(meanwhile(), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let cloud = Cloud::default();
            let mut there = Vec::new();
            for (index, second) in seconds.iter().enumerate() {
                there.push(arrive(&cloud, &format!("k{:02}", index * 7 % 40), *second).await);
            }
            let mut expected = there.clone();
            expected.sort_by(|a, b| (b.received_at, &a.key).cmp(&(a.received_at, &b.key)));

            let (query, mut cursor, mut listed) = (ListQuery { limit, ..EVERYTHING }, None, Vec::new());
            for turn in 0.. {
                let found = page(&cloud, &query, cursor).await;
                prop_assert!(found.records.len() <= limit);
                listed.extend(found.records.iter().map(|record| record.key.clone()));
                if found.cursor.is_none() {
                    break;
                }
                cursor = found.cursor;
                match &between[turn % between.len()] {
                    Meanwhile::Nothing => {}
                    Meanwhile::Arrive => drop(arrive(&cloud, &format!("new{turn}"), 100).await),
                    Meanwhile::Complete(index) => {
                        if let Some(record) = there.get(*index) {
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
