//! Events come at least once and in any order; every upload has one effect all the same.

use aws_sdk_sfn::types::ExecutionStatus;
use end_to_end::{Cloud, Ear};
use pipeline::{Status, ports::Records};

use crate::small_chart;

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_duplicate_event_publishes_once() {
    let cloud = Cloud::find();
    let key = "uploads/order/twice.jpg";
    let ear = Ear::on(&cloud, key).await;
    let first = cloud.outcome(&cloud.upload(key, small_chart(400)).await).await;
    let again = cloud.start(&cloud.input(&first.execution).await).await;
    assert_eq!(cloud.ended(&again).await, ExecutionStatus::Succeeded);

    assert_eq!(ear.hears().await.len(), 1);
    let record = cloud.records.get(key).await.expect("the table answers");
    assert_eq!(record.as_ref(), Some(&first), "nothing was changed");
    for rendition in first.renditions {
        assert!(!cloud.is_superseded(&rendition.key).await, "{}", rendition.key);
    }
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn an_older_event_is_superseded() {
    let cloud = Cloud::find();
    let key = "uploads/order/older.jpg";
    let older = cloud.outcome(&cloud.upload(key, small_chart(400)).await).await;
    let later = cloud.outcome(&cloud.upload(key, small_chart(500)).await).await;
    let ear = Ear::on(&cloud, key).await;
    let again = cloud.start(&cloud.input(&older.execution).await).await;
    assert_eq!(cloud.ended(&again).await, ExecutionStatus::Succeeded);

    assert!(cloud.result(&again).await.contains("superseded"));
    assert_eq!(cloud.records.get(key).await.expect("the table answers"), Some(later));
    assert_eq!(ear.hears_on().await.len(), 0);
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn changed_content_gets_new_keys_and_tags_the_old() {
    let cloud = Cloud::find();
    let key = "uploads/order/changed.jpg";
    let old = cloud.outcome(&cloud.upload(key, small_chart(400)).await).await;
    let new = cloud.outcome(&cloud.upload(key, small_chart(500)).await).await;
    assert_eq!(new.status, Status::Completed);
    for (old, new) in old.renditions.iter().zip(&new.renditions) {
        assert_ne!(old.key, new.key);
        assert!(cloud.is_superseded(&old.key).await, "{}", old.key);
        assert!(!cloud.is_superseded(&new.key).await, "{}", new.key);
    }
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn the_same_content_again_is_another_version_with_keys_of_its_own() {
    let cloud = Cloud::find();
    let key = "uploads/order/same.jpg";
    let first = cloud.outcome(&cloud.upload(key, small_chart(400)).await).await;
    let second = cloud.outcome(&cloud.upload(key, small_chart(400)).await).await;
    assert_ne!(first.version_id, second.version_id);
    assert_eq!(first.etag, second.etag);
    for (old, new) in first.renditions.iter().zip(&second.renditions) {
        assert_ne!(old.key, new.key);
        assert_eq!(cloud.stored(&old.key).await, cloud.stored(&new.key).await);
        assert!(cloud.is_superseded(&old.key).await, "{}", old.key);
        assert!(!cloud.is_superseded(&new.key).await, "{}", new.key);
    }
}
