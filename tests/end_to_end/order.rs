//! Events are delivered at least once and in any order. Still, every upload has one effect.

use aws_sdk_sfn::types::ExecutionStatus;
use end_to_end::{DeployedStack, EventListener};
use pipeline::{Status, ports::Records};

use crate::small_chart;

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_duplicate_event_publishes_once() {
    let stack = DeployedStack::find();
    let key = "uploads/order/twice.jpg";
    let listener = EventListener::for_key(&stack, key).await;
    let first = stack.wait_for_outcome(&stack.upload(key, small_chart(400)).await).await;
    let second = stack.start_execution(&stack.execution_input(&first.upload.execution).await).await;
    assert_eq!(stack.wait_for_execution(&second).await, ExecutionStatus::Succeeded);

    assert_eq!(listener.wait_for_events().await.len(), 1);
    let record = stack.records.get(key).await.expect("the table answers");
    assert_eq!(record.as_ref(), Some(&first), "the record is unchanged");
    for rendition in first.renditions {
        assert!(!stack.is_superseded(&rendition.key).await, "{}", rendition.key);
    }
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn an_older_event_is_superseded() {
    let stack = DeployedStack::find();
    let key = "uploads/order/older.jpg";
    let older = stack.wait_for_outcome(&stack.upload(key, small_chart(400)).await).await;
    let later = stack.wait_for_outcome(&stack.upload(key, small_chart(500)).await).await;
    let listener = EventListener::for_key(&stack, key).await;
    let second = stack.start_execution(&stack.execution_input(&older.upload.execution).await).await;
    assert_eq!(stack.wait_for_execution(&second).await, ExecutionStatus::Succeeded);

    assert!(stack.execution_output(&second).await.contains("superseded"));
    assert_eq!(stack.records.get(key).await.expect("the table answers"), Some(later));
    assert_eq!(listener.later_events().await.len(), 0);
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn changed_content_gets_new_keys_and_the_old_renditions_are_tagged() {
    let stack = DeployedStack::find();
    let key = "uploads/order/changed.jpg";
    let old = stack.wait_for_outcome(&stack.upload(key, small_chart(400)).await).await;
    let new = stack.wait_for_outcome(&stack.upload(key, small_chart(500)).await).await;
    assert_eq!(new.status, Status::Completed);
    for (old, new) in old.renditions.iter().zip(&new.renditions) {
        assert_ne!(old.key, new.key);
        assert!(stack.is_superseded(&old.key).await, "{}", old.key);
        assert!(!stack.is_superseded(&new.key).await, "{}", new.key);
    }
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn the_same_content_uploaded_twice_gets_different_rendition_keys() {
    let stack = DeployedStack::find();
    let key = "uploads/order/same.jpg";
    let first = stack.wait_for_outcome(&stack.upload(key, small_chart(400)).await).await;
    let second = stack.wait_for_outcome(&stack.upload(key, small_chart(400)).await).await;
    assert_ne!(first.upload.version_id, second.upload.version_id);
    assert_eq!(first.upload.etag, second.upload.etag);
    for (old, new) in first.renditions.iter().zip(&second.renditions) {
        assert_ne!(old.key, new.key);
        assert_eq!(stack.rendition_bytes(&old.key).await, stack.rendition_bytes(&new.key).await);
        assert!(stack.is_superseded(&old.key).await, "{}", old.key);
        assert!(!stack.is_superseded(&new.key).await, "{}", new.key);
    }
}
