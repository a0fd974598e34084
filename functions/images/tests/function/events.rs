//! Each event in `events/images.*.json` is handled. `sam local invoke` sends the same files.

use pipeline::ports::{Records, Sources};
use serde_json::json;

use crate::support::{TestFunction, event};

const KEY: &str = "uploads/holiday photo (1).jpg";

#[tokio::test]
async fn images_get_returns_the_record() {
    let function = TestFunction::new();
    function.add_completed(KEY).await;
    let response = function.send(event("images.get.json")).await;
    assert_eq!(response.status, 200, "{response:?}");
    assert_eq!(response.body["key"], KEY);
    assert_eq!(response.body["status"], "completed");
    let rendition = &response.body["renditions"][0];
    assert!(rendition["url"].as_str().unwrap().starts_with("https://"), "{rendition}");
}

#[tokio::test]
async fn an_invalid_host_is_ignored() {
    let function = TestFunction::new();
    function.add_completed(KEY).await;
    let mut event = event("images.get.json");
    event["headers"]["Host"] = json!("eu-c]ntral-1.example");
    event["requestContext"]["domainName"] = json!("a b");
    assert_eq!(function.send(event).await.status, 200);
}

#[tokio::test]
async fn images_list_returns_the_records() {
    let function = TestFunction::new();
    function.add_completed(KEY).await;
    let response = function.send(event("images.list.json")).await;
    assert_eq!((response.status, &response.body["images"][0]["key"]), (200, &json!(KEY)));
}

#[tokio::test]
async fn images_upload_returns_a_presigned_url() {
    let response = TestFunction::new().send(event("images.upload.json")).await;
    assert_eq!(response.status, 201, "{response:?}");
    assert!(response.body["key"].as_str().unwrap().ends_with("/holiday photo (1).jpg"));
    assert_eq!(response.body["headers"]["content-type"], "image/jpeg");
}

#[tokio::test]
async fn images_execute_starts_an_execution() {
    let function = TestFunction::new();
    function.add_completed(KEY).await;
    let response = function.send(event("images.execute.json")).await;
    assert_eq!((response.status, &response.body["key"]), (202, &json!(KEY)));
    assert_eq!(function.cloud.executions().len(), 1);
}

#[tokio::test]
async fn images_delete_removes_source_and_record() {
    let function = TestFunction::new();
    function.add_completed(KEY).await;
    let response = function.send(event("images.delete.json")).await;
    assert_eq!(response.status, 204, "{response:?}");
    assert_eq!(function.cloud.get(KEY).await.unwrap(), None);
    assert_eq!(function.cloud.current_version("sources", KEY).await.unwrap(), None);
}

#[tokio::test]
async fn images_object_deleted_removes_the_record() {
    let function = TestFunction::new();
    function.add_completed(KEY).await;
    function.cloud.delete_source(KEY);
    let result = function.handle(event("images.object_deleted.json")).await;
    assert_eq!(result, json!({"removal": "removed"}));
    assert_eq!(function.cloud.get(KEY).await.unwrap(), None);
}

#[tokio::test]
async fn images_version_deleted_keeps_a_picture_whose_other_version_was_deleted() {
    let function = TestFunction::new();
    function.add_completed(KEY).await;
    let record = function.cloud.get(KEY).await.unwrap();
    let result = function.handle(event("images.version_deleted.json")).await;
    assert_eq!(result, json!({"removal": "kept"}));
    assert_eq!(function.cloud.get(KEY).await.unwrap(), record);
}
