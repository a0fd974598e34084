//! The files of `events/` for this function are what it is invoked with: for `sam local invoke`, and here.
#![allow(clippy::unwrap_used)]

mod support;

use pipeline::ports::{Records, SourceVersions};
use serde_json::json;
use support::World;

const KEY: &str = "uploads/holiday photo (1).jpg";

#[tokio::test]
async fn the_get_is_answered_with_the_record() {
    let world = World::new();
    world.completed(KEY).await;
    let answer = world.invoke(support::event("images.get.json")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.body["key"], KEY);
    assert_eq!(answer.body["status"], "completed");
    let rendition = &answer.body["renditions"][0];
    assert!(rendition["url"].as_str().unwrap().starts_with("https://"), "{rendition}");
}

#[tokio::test]
async fn a_host_that_is_no_name_changes_nothing() {
    let world = World::new();
    world.completed(KEY).await;
    let mut event = support::event("images.get.json");
    event["headers"]["Host"] = json!("eu-c]ntral-1.example");
    event["requestContext"]["domainName"] = json!("a b");
    assert_eq!(world.invoke(event).await.status, 200);
}

#[tokio::test]
async fn the_list_is_answered_with_its_records() {
    let world = World::new();
    world.completed(KEY).await;
    let answer = world.invoke(support::event("images.list.json")).await;
    assert_eq!((answer.status, &answer.body["images"][0]["key"]), (200, &json!(KEY)));
}

#[tokio::test]
async fn the_upload_is_answered_with_a_link() {
    let answer = World::new().invoke(support::event("images.upload.json")).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(answer.body["key"].as_str().unwrap().ends_with("/holiday photo (1).jpg"));
    assert_eq!(answer.body["headers"]["content-type"], "image/jpeg");
}

#[tokio::test]
async fn the_execution_is_started() {
    let world = World::new();
    world.completed(KEY).await;
    let answer = world.invoke(support::event("images.execute.json")).await;
    assert_eq!((answer.status, &answer.body["key"]), (202, &json!(KEY)));
    assert_eq!(world.cloud.executions().len(), 1);
}

#[tokio::test]
async fn the_deletion_leaves_nothing() {
    let world = World::new();
    world.completed(KEY).await;
    let answer = world.invoke(support::event("images.delete.json")).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(world.cloud.get(KEY).await.unwrap(), None);
    assert_eq!(world.cloud.current(KEY).await.unwrap(), None);
}

#[tokio::test]
async fn what_s3_says_of_a_deletion_takes_the_record_along() {
    let world = World::new();
    world.completed(KEY).await;
    world.cloud.delete_source(KEY);
    let answer = world.raw(support::event("images.object_deleted.json")).await;
    assert_eq!(answer, json!({"removal": "removed"}));
    assert_eq!(world.cloud.get(KEY).await.unwrap(), None);
}
