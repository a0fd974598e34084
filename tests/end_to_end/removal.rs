//! After a deletion in S3, records and renditions are those of what S3 holds.

use std::time::Duration;

use aws_sdk_sfn::types::ExecutionStatus;
use end_to_end::DeployedStack;
use pipeline::{Record, Status, Timestamp, ports::Records};
use serde_json::json;

use crate::small_chart;

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn deleting_a_source_in_s3_removes_its_renditions_and_its_record() {
    let stack = DeployedStack::find();
    let key = "uploads/removal/deleted + gone.jpg";
    let record = stack.wait_for_outcome(&stack.upload(key, small_chart(400)).await).await;
    assert_eq!(record.status, Status::Completed);
    stack.delete_source(key).await;

    stack.wait_for_removal(key).await;
    assert!(!record.renditions.is_empty());
    for rendition in record.renditions {
        assert_eq!(stack.rendition_bytes(&rendition.key).await, None, "{}", rendition.key);
    }
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_picture_uploaded_again_after_its_deletion_keeps_its_record_and_renditions() {
    let stack = DeployedStack::find();
    let key = "uploads/removal/again.jpg";
    stack.wait_for_outcome(&stack.upload(key, small_chart(400)).await).await;
    stack.delete_source(key).await;
    let record = stack.wait_for_outcome(&stack.upload(key, small_chart(400)).await).await;
    assert_eq!(record.status, Status::Completed);

    wait_for_the_event().await;
    assert_eq!(stack.records.get(key).await.expect("the table answers").as_ref(), Some(&record));
    for rendition in record.renditions {
        assert!(stack.rendition_bytes(&rendition.key).await.is_some(), "{}", rendition.key);
    }
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn after_a_permanent_deletion_the_version_below_is_processed() {
    let stack = DeployedStack::find();
    let key = "uploads/removal/version below.jpg";
    let first = stack.upload(key, small_chart(400)).await;
    let before = stack.wait_for_outcome(&first).await;
    let second = stack.upload(key, small_chart(300)).await;
    let deleted = stack.wait_for_outcome(&second).await;
    stack.delete_version(key, &second.version_id).await;

    let record = stack.wait_for_outcome(&first).await;
    assert_eq!(record.status, Status::Completed);
    assert_eq!(record.renditions, before.renditions);
    assert_eq!(are_stored(&stack, &record).await, [true; 4]);
    assert_eq!(are_stored(&stack, &deleted).await, [false; 4], "the deleted content is gone at once");

    stack.delete_version(key, &first.version_id).await;
    stack.wait_for_removal(key).await;
    assert_eq!(are_stored(&stack, &record).await, [false; 4]);
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_picture_is_processed_again_when_its_delete_marker_is_removed() {
    let stack = DeployedStack::find();
    let key = "uploads/removal/restored.jpg";
    let uploaded = stack.upload(key, small_chart(400)).await;
    stack.wait_for_outcome(&uploaded).await;
    let marker = stack.delete_source(key).await;
    stack.wait_for_removal(key).await;
    stack.delete_version(key, &marker).await;

    let record = stack.wait_for_outcome(&uploaded).await;
    assert_eq!(record.status, Status::Completed);
    assert_eq!(are_stored(&stack, &record).await, [true; 4]);
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn the_deletion_of_a_version_that_is_not_current_changes_nothing() {
    let stack = DeployedStack::find();
    let key = "uploads/removal/not current.jpg";
    let first = stack.upload(key, small_chart(400)).await;
    stack.wait_for_outcome(&first).await;
    let record = stack.wait_for_outcome(&stack.upload(key, small_chart(300)).await).await;
    stack.delete_version(key, &first.version_id).await;

    wait_for_the_event().await;
    assert_eq!(stack.records.get(key).await.expect("the table answers").as_ref(), Some(&record));
    assert_eq!(are_stored(&stack, &record).await, [true; 4]);
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_folder_marker_starts_no_execution() {
    let stack = DeployedStack::find();
    let (folder, hadoop, picture) = ("uploads/folder/", "uploads/folder_$folder$", "uploads/folder/picture/");
    for marker in [folder, hadoop] {
        stack.upload(marker, Vec::new()).await;
    }
    let record = stack.wait_for_outcome(&stack.upload(picture, small_chart(400)).await).await;
    assert_eq!(record.status, Status::Completed, "an object with content is a picture");
    for marker in [folder, hadoop] {
        assert!(!stack.has_execution(marker).await, "{marker}");
        assert_eq!(stack.records.get(marker).await.expect("the table answers"), None, "{marker}");
    }

    let object = json!({"key": folder, "size": 0, "etag": "d41d8cd98f00b204e9800998ecf8427e", "sequencer": "01"});
    let detail = json!({"bucket": {"name": stack.output("SourceBucketName")}, "object": object});
    let input = json!({"detail": detail, "time": Timestamp::now()});
    let execution = stack.start_execution(&input.to_string()).await;
    assert_eq!(stack.wait_for_execution(&execution).await, ExecutionStatus::Succeeded);
    assert!(stack.execution_output(&execution).await.contains("ignored"));
    assert_eq!(stack.records.get(folder).await.expect("the table answers"), None);
}

/// The event of a deletion is delivered within two seconds.
async fn wait_for_the_event() {
    tokio::time::sleep(Duration::from_secs(2)).await;
}

/// For each of the four renditions of a record, whether it is stored.
async fn are_stored(stack: &DeployedStack, record: &Record) -> [bool; 4] {
    let [a, b, c, d] = &record.renditions[..] else { panic!("the profile `web` has four: {record:?}") };
    let mut stored = [false; 4];
    for (rendition, stored) in [a, b, c, d].into_iter().zip(&mut stored) {
        *stored = stack.rendition_bytes(&rendition.key).await.is_some();
    }
    stored
}
