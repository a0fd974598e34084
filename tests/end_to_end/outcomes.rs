//! The three outcomes of an upload, as clients see them: in the record, the event and the execution.

use aws_sdk_sfn::types::ExecutionStatus;
use end_to_end::{DeployedStack, EventListener, UploadedSource};
use imaging::RejectionCode;
use pipeline::{Status, Timestamp, ports::Records};
use serde_json::json;

use crate::small_chart;

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_completed_picture_is_published_with_its_renditions() {
    let stack = DeployedStack::find();
    let key = "uploads/outcomes/completed.jpg";
    let listener = EventListener::for_key(&stack, key).await;
    let record = stack.wait_for_outcome(&stack.upload(key, small_chart(400)).await).await;
    assert_eq!(stack.wait_for_execution(&record.upload.execution).await, ExecutionStatus::Succeeded);

    let events = listener.wait_for_events().await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["detail-type"], "Image Completed");
    assert_eq!(events[0]["detail"]["renditions"], json!(record.renditions));
    assert_eq!(events[0]["detail"]["destination_bucket"], stack.output("DestinationBucketName"));
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_text_file_named_jpg_is_rejected_and_its_execution_succeeds() {
    let stack = DeployedStack::find();
    let key = "uploads/outcomes/x.jpg";
    let listener = EventListener::for_key(&stack, key).await;
    let record = stack.wait_for_outcome(&stack.upload(key, "Dear diary").await).await;
    assert_eq!(record.status, Status::Rejected);
    let rejection = record.rejection.expect("a rejected record has a rejection");
    assert_eq!(rejection.code, RejectionCode::NotAnImage);
    assert_eq!(stack.wait_for_execution(&record.upload.execution).await, ExecutionStatus::Succeeded);

    let events = listener.wait_for_events().await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["detail-type"], "Image Rejected");
    assert_eq!(events[0]["detail"]["rejection"]["code"], "not_an_image");
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn an_empty_upload_is_rejected_as_empty() {
    let stack = DeployedStack::find();
    let record = stack.wait_for_outcome(&stack.upload("uploads/outcomes/empty.png", "").await).await;
    assert_eq!(record.rejection.map(|rejection| rejection.code), Some(RejectionCode::Empty));
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_truncated_picture_is_rejected_as_corrupt_and_lists_no_renditions() {
    let stack = DeployedStack::find();
    let whole = small_chart(900);
    let truncated = whole[..whole.len() * 2 / 3].to_vec();
    let record = stack.wait_for_outcome(&stack.upload("variants/outcomes/cut.jpg", truncated).await).await;
    assert_eq!(record.status, Status::Rejected);
    assert_eq!(record.rejection.map(|rejection| rejection.code), Some(RejectionCode::Corrupt));
    assert!(record.renditions.is_empty());
    assert_eq!(stack.wait_for_execution(&record.upload.execution).await, ExecutionStatus::Succeeded);
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_failed_execution_fails_its_record_through_the_status_change_rule() {
    let stack = DeployedStack::find();
    let key = "uploads/outcomes/gone.jpg";
    let listener = EventListener::for_key(&stack, key).await;
    let uploaded = UploadedSource {
        key: key.to_owned(),
        version_id: "never-was".to_owned(),
        etag: "9b2cf535f27731c974343645a3985328".to_owned(),
    };
    let input = json!({
        "detail": {
            "bucket": {"name": stack.output("SourceBucketName")},
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
    let execution = stack.start_execution(&input.to_string()).await;
    assert_eq!(stack.wait_for_execution(&execution).await, ExecutionStatus::Failed);

    let record = stack.wait_for_outcome(&uploaded).await;
    assert_eq!(record.status, Status::Failed);
    assert_eq!(record.upload.execution, execution);
    assert_eq!(record.failure.expect("a failed record has a failure").error, "SourceGone");
    let events = listener.wait_for_events().await;
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0]["detail-type"], "Image Failed");
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn keys_are_used_unchanged() {
    let stack = DeployedStack::find();
    let long = format!("uploads/{}.jpg", "ü".repeat(506));
    assert_eq!(long.len(), 1024);
    let keys = [
        "uploads/keys/a b.jpg",
        "uploads/keys/a+b.jpg",
        "uploads/keys/a%2Bb.jpg",
        "uploads/keys/100%.jpg",
        "uploads/keys/(1) [2] {3}.jpg",
        "uploads/keys/日本 – ü.jpg",
        "uploads/keys/new\nline\r\tand\u{1}\u{7f}\u{9b}\u{fffe}\u{2028}.jpg",
        "uploads/keys/😀 \u{202e}gpj.e\u{301}",
        "uploads/keys/../a/./b//c.jpg",
        "uploads/keys/blank at the end ",
        "uploads/keys/?x=1#y&z='\"<>|*\\{}~;",
        "/leading-slash.jpg",
        "..",
        ".",
        "no-slash.jpg",
        &long,
    ];
    for key in keys {
        let record = stack.wait_for_outcome(&stack.upload(key, small_chart(320)).await).await;
        assert_eq!(record.status, Status::Completed, "{key}: {record:?}");
        assert_eq!(record.key, key);
        for rendition in &record.renditions {
            assert!(rendition.key.len() <= 1024, "{}", rendition.key);
            stack.get_rendition(&rendition.key).await;
        }
    }
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn a_key_of_white_space_is_rejected_at_once() {
    let stack = DeployedStack::find();
    for (number, key) in [" ", "   ", "\n", "\u{a0}"].into_iter().enumerate() {
        // The SDK cannot upload under such a key, but other clients can. The event is the same.
        let object =
            json!({"key": key, "size": 1000, "etag": format!("e{number}"), "version-id": "v", "sequencer": "01"});
        let detail = json!({"bucket": {"name": stack.output("SourceBucketName")}, "object": object});
        let input = json!({"detail": detail, "time": Timestamp::now()});
        let execution = stack.start_execution(&input.to_string()).await;
        assert_eq!(stack.wait_for_execution(&execution).await, ExecutionStatus::Succeeded);
        let record = stack.records.get(key).await.expect("the table answers").expect("it is recorded");
        assert_eq!(record.rejection.expect("it is rejected").code, RejectionCode::UnsupportedKey, "{key:?}");
    }
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn writing_to_the_destination_bucket_starts_no_execution() {
    let stack = DeployedStack::find();
    let key = "uploads/outcomes/loop.jpg/thumbnail-0123456789.jpg";
    let put = stack.s3.put_object().bucket(stack.output("DestinationBucketName")).key(key);
    put.body(small_chart(320).into()).send().await.expect("S3 stores it");
    // An upload that does start an execution, so that there is an outcome to wait for.
    let after = stack.upload("uploads/outcomes/after.jpg", small_chart(320)).await;
    stack.wait_for_outcome(&after).await;
    assert_eq!(stack.records.get(key).await.expect("the table answers"), None);
}
