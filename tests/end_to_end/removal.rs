//! Deleting a source in S3 removes its renditions and its record.

use std::time::Duration;

use end_to_end::{DeployedStack, wait_for};
use pipeline::{Status, ports::Records};

use crate::small_chart;

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn deleting_a_source_in_s3_removes_its_renditions_and_its_record() {
    let stack = DeployedStack::find();
    let key = "uploads/removal/deleted + gone.jpg";
    let record = stack.wait_for_outcome(&stack.upload(key, small_chart(400)).await).await;
    assert_eq!(record.status, Status::Completed);
    stack.delete_source(key).await;

    wait_for("the removal of the record", async || {
        stack.records.get(key).await.expect("the table answers").is_none().then_some(())
    })
    .await;
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

    // The event of the deletion is delivered within two seconds.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(stack.records.get(key).await.expect("the table answers").as_ref(), Some(&record));
    for rendition in record.renditions {
        assert!(stack.rendition_bytes(&rendition.key).await.is_some(), "{}", rendition.key);
    }
}
