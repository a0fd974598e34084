//! A source that is deleted straight in S3 takes along what was made of it.

use std::time::Duration;

use end_to_end::{Cloud, eventually};
use pipeline::{Status, ports::Records};

use crate::small_chart;

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_source_deleted_in_s3_takes_its_renditions_and_its_record_along() {
    let cloud = Cloud::find();
    let key = "uploads/removal/deleted + gone.jpg";
    let record = cloud.outcome(&cloud.upload(key, small_chart(400)).await).await;
    assert_eq!(record.status, Status::Completed);
    cloud.delete(key).await;

    eventually("no record", async || {
        cloud.records.get(key).await.expect("the table answers").is_none().then_some(())
    })
    .await;
    assert!(!record.renditions.is_empty());
    for rendition in record.renditions {
        assert_eq!(cloud.stored(&rendition.key).await, None, "{}", rendition.key);
    }
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_picture_that_is_uploaded_again_after_its_deletion_keeps_everything() {
    let cloud = Cloud::find();
    let key = "uploads/removal/again.jpg";
    cloud.outcome(&cloud.upload(key, small_chart(400)).await).await;
    cloud.delete(key).await;
    let record = cloud.outcome(&cloud.upload(key, small_chart(400)).await).await;
    assert_eq!(record.status, Status::Completed);

    // The event of the deletion is delivered within this, if it was not before.
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(cloud.records.get(key).await.expect("the table answers").as_ref(), Some(&record));
    for rendition in record.renditions {
        assert!(cloud.stored(&rendition.key).await.is_some(), "{}", rendition.key);
    }
}
