//! The three outcomes a picture can have, as a client reads them: record, event, execution.

use aws_sdk_sfn::types::ExecutionStatus;
use end_to_end::{Cloud, Ear, Uploaded};
use imaging::RejectionCode;
use pipeline::{Status, Timestamp, ports::Records};
use serde_json::json;

use crate::small_chart;

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_completed_picture_is_told_with_its_renditions() {
    let cloud = Cloud::find();
    let key = "uploads/outcomes/completed.jpg";
    let ear = Ear::on(&cloud, key).await;
    let record = cloud.outcome(&cloud.upload(key, small_chart(400)).await).await;
    assert_eq!(cloud.ended(&record.execution).await, ExecutionStatus::Succeeded);

    let heard = ear.hears().await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0]["detail-type"], "Image Completed");
    assert_eq!(heard[0]["detail"]["renditions"], json!(record.renditions));
    assert_eq!(heard[0]["detail"]["destination_bucket"], cloud.output("DestinationBucketName"));
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_text_file_named_jpg_is_rejected_and_its_execution_is_green() {
    let cloud = Cloud::find();
    let key = "uploads/outcomes/x.jpg";
    let ear = Ear::on(&cloud, key).await;
    let record = cloud.outcome(&cloud.upload(key, "Dear diary").await).await;
    assert_eq!(record.status, Status::Rejected);
    let rejection = record.rejection.expect("a rejection says why");
    assert_eq!(rejection.code, RejectionCode::NotAnImage);
    assert_eq!(cloud.ended(&record.execution).await, ExecutionStatus::Succeeded);

    let heard = ear.hears().await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0]["detail-type"], "Image Rejected");
    assert_eq!(heard[0]["detail"]["rejection"]["code"], "not_an_image");
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn an_empty_upload_is_rejected_as_empty() {
    let cloud = Cloud::find();
    let record = cloud.outcome(&cloud.upload("uploads/outcomes/empty.png", "").await).await;
    assert_eq!(record.rejection.map(|rejection| rejection.code), Some(RejectionCode::Empty));
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_picture_cut_short_after_its_header_is_corrupt_and_leaves_nothing_to_keep() {
    let cloud = Cloud::find();
    let whole = small_chart(900);
    let cut = whole[..whole.len() * 2 / 3].to_vec();
    let record = cloud.outcome(&cloud.upload("variants/outcomes/cut.jpg", cut).await).await;
    assert_eq!(record.status, Status::Rejected);
    assert_eq!(record.rejection.map(|rejection| rejection.code), Some(RejectionCode::Corrupt));
    assert!(record.renditions.is_empty());
    assert_eq!(cloud.ended(&record.execution).await, ExecutionStatus::Succeeded);
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_failed_execution_fails_its_record_through_the_status_change_rule() {
    let cloud = Cloud::find();
    let key = "uploads/outcomes/gone.jpg";
    let ear = Ear::on(&cloud, key).await;
    let uploaded = Uploaded {
        key: key.to_owned(),
        version_id: "never-was".to_owned(),
        etag: "9b2cf535f27731c974343645a3985328".to_owned(),
    };
    let input = json!({
        "detail": {
            "bucket": {"name": cloud.output("SourceBucketName")},
            "object": {
                "key": key,
                "size": 1000,
                "etag": uploaded.etag,
                "version-id": uploaded.version_id,
                "sequencer": "0065AED6DCD90281E6",
            },
        },
        "time": Timestamp::now(),
    });
    let execution = cloud.start(&input.to_string()).await;
    assert_eq!(cloud.ended(&execution).await, ExecutionStatus::Failed);

    let record = cloud.outcome(&uploaded).await;
    assert_eq!(record.status, Status::Failed);
    assert_eq!(record.execution, execution);
    assert_eq!(record.failure.expect("a failure says what broke").error, "SourceGone");
    let heard = ear.hears().await;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0]["detail-type"], "Image Failed");
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn keys_are_taken_as_they_are() {
    let cloud = Cloud::find();
    let long = format!("uploads/{}.jpg", "ü".repeat(506));
    assert_eq!(long.len(), 1024);
    let keys = [
        "uploads/keys/a b.jpg",
        "uploads/keys/a+b.jpg",
        "uploads/keys/a%2Bb.jpg",
        "uploads/keys/100%.jpg",
        "uploads/keys/(1) [2] {3}.jpg",
        "uploads/keys/日本 – ü.jpg",
        "no-slash.jpg",
        &long,
    ];
    for key in keys {
        let record = cloud.outcome(&cloud.upload(key, small_chart(320)).await).await;
        assert_eq!(record.status, Status::Completed, "{key}: {record:?}");
        assert_eq!(record.key, key);
        for rendition in &record.renditions {
            assert!(rendition.key.len() <= 1024, "{}", rendition.key);
            cloud.rendition(&rendition.key).await;
        }
    }
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn what_is_written_to_the_destination_starts_nothing() {
    let cloud = Cloud::find();
    let key = "uploads/outcomes/loop.jpg/thumbnail-0123456789.jpg";
    let put = cloud.s3.put_object().bucket(cloud.output("DestinationBucketName")).key(key);
    put.body(small_chart(320).into()).send().await.expect("S3 takes it");
    // A picture that does start something, so that there is an end to wait for.
    let after = cloud.upload("uploads/outcomes/after.jpg", small_chart(320)).await;
    cloud.outcome(&after).await;
    assert_eq!(cloud.records.get(key).await.expect("the table answers"), None);
}
