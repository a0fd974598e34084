//! Stories of processing again: it replaces what stands, and gives way to what comes later.

use pipeline::{
    Notice, Status, Timestamp,
    api::process_again,
    messages::{ObjectCreated, Upload, Verdict},
    ports::Records,
    validate,
};
use serde_json::Value;

use crate::fixture::{World, chart, rendered};

/// Asks for it at that second, and validates what was started.
async fn again(world: &World, key: &str, second: &str) -> Verdict {
    let upload = started(world, key, second).await.expect("the source is there");
    validate(upload, &world.rules, &world.cloud, &world.cloud).await.unwrap()
}

async fn started(world: &World, key: &str, second: &str) -> Option<Upload> {
    let (cloud, now): (_, Timestamp) = (&world.cloud, second.parse().unwrap());
    let started = process_again(key, now, cloud, cloud, cloud).await.unwrap()?;
    let (_, input) = cloud.executions().pop().unwrap();
    let input: Value = serde_json::from_str(&input).unwrap();
    let detail: ObjectCreated = serde_json::from_value(input["detail"].clone()).unwrap();
    let received_at = serde_json::from_value(input["time"].clone()).unwrap();
    Some(Upload { detail, execution: started.execution, received_at })
}

fn is_accepted(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Accepted { .. })
}

#[tokio::test]
async fn a_completed_picture_is_processed_again_and_published_again() {
    let world = World::new();
    let Verdict::Accepted { picture, .. } = world.upload("cat.jpg", "0A", chart()).await else {
        panic!("it is a picture")
    };
    let received_at = picture.received_at;
    world.completed(picture, vec![rendered("old"), rendered("same")]).await.unwrap();

    let verdict = again(&world, "cat.jpg", "2026-06-01T00:00:00Z").await;
    let Verdict::Accepted { picture, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(picture.received_at, received_at, "it keeps its place in lists");
    let notice = world.completed(picture, vec![rendered("new"), rendered("same")]).await.unwrap();
    assert!(matches!(notice, Notice::Published { .. }), "{notice:?}");
    assert_eq!(world.cloud.superseded(), ["old"], "what another profile made");
    let record = world.cloud.get("cat.jpg").await.unwrap().unwrap();
    assert_eq!((record.status, record.renditions.len()), (Status::Completed, 2));
}

#[tokio::test]
async fn the_event_of_the_same_upload_comes_too_late_and_that_of_a_later_one_does_not() {
    let world = World::new();
    world.upload("cat.jpg", "0A", chart()).await;
    assert!(is_accepted(&again(&world, "cat.jpg", "2026-06-01T00:00:00Z").await));
    let repeated = world.upload("cat.jpg", "0A", chart()).await;
    assert!(matches!(repeated, Verdict::Superseded { .. }), "{repeated:?}");
    assert!(is_accepted(&world.upload("cat.jpg", "0A01", chart()).await));
}

#[tokio::test]
async fn without_a_record_the_events_that_are_still_to_come_win() {
    let world = World::new();
    world.cloud.put_source("cat.jpg", Some("01"), chart());
    assert!(is_accepted(&again(&world, "cat.jpg", "2026-06-01T00:00:00Z").await));
    assert!(is_accepted(&world.upload("cat.jpg", "01", chart()).await));
}

#[tokio::test]
async fn a_newer_version_than_the_recorded_one_is_what_is_processed() {
    let world = World::new();
    world.upload("cat.jpg", "01", chart()).await;
    world.cloud.put_source("cat.jpg", Some("02"), chart());
    let verdict = again(&world, "cat.jpg", "2026-06-01T00:00:00Z").await;
    let Verdict::Accepted { picture, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(picture.version_id.as_deref(), Some("02"));
    let event = world.upload("cat.jpg", "02", chart()).await;
    assert!(is_accepted(&event), "its own event comes late, and wins: {event:?}");
}

#[tokio::test]
async fn two_calls_within_a_second_start_one_execution() {
    let world = World::new();
    world.upload("cat.jpg", "01", chart()).await;
    world.upload("dog.jpg", "01", chart()).await;
    again(&world, "cat.jpg", "2026-06-01T00:00:00.1Z").await;
    again(&world, "cat.jpg", "2026-06-01T00:00:00.9Z").await;
    assert_eq!(world.cloud.executions().len(), 1);
    again(&world, "dog.jpg", "2026-06-01T00:00:00.9Z").await;
    again(&world, "cat.jpg", "2026-06-01T00:00:01Z").await;
    let executions = world.cloud.executions();
    assert_eq!(executions.len(), 3);
    for (name, _) in executions {
        assert!(name.len() <= 80 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
    }
}

#[tokio::test]
async fn what_is_not_there_cannot_be_processed_again() {
    let world = World::new();
    assert!(started(&world, "cat.jpg", "2026-06-01T00:00:00Z").await.is_none());
    world.upload("cat.jpg", "01", chart()).await;
    world.cloud.delete_source("cat.jpg");
    assert!(started(&world, "cat.jpg", "2026-06-01T00:00:00Z").await.is_none());
    assert!(world.cloud.executions().is_empty());
}
