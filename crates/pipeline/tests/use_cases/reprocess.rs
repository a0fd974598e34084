//! Reprocessing replaces the current record, and a later upload replaces it.

use pipeline::{
    NotifyOutcome, Status, Timestamp,
    api::reprocess,
    messages::{ObjectCreated, Upload, Verdict},
    ports::Records,
};
use serde_json::Value;

use crate::fixture::{Fixture, chart, rendered};

/// Reprocesses a picture at that time, and validates the upload of the started execution.
async fn reprocess_and_validate(fixture: &Fixture, key: &str, second: &str) -> Verdict {
    let upload = start(fixture, key, second).await.expect("the source exists");
    fixture.validate(upload).await.unwrap()
}

async fn start(fixture: &Fixture, key: &str, second: &str) -> Option<Upload> {
    let (cloud, now): (_, Timestamp) = (&fixture.cloud, second.parse().unwrap());
    let execution = reprocess(key, now, cloud).await.unwrap()?;
    let (_, input) = cloud.executions().pop().unwrap();
    let input: Value = serde_json::from_str(&input).unwrap();
    let detail: ObjectCreated = serde_json::from_value(input["detail"].clone()).unwrap();
    let received_at = serde_json::from_value(input["time"].clone()).unwrap();
    Some(Upload { detail, execution, received_at })
}

fn is_accepted(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Accepted { .. })
}

#[tokio::test]
async fn a_completed_picture_is_reprocessed_and_published_again() {
    let fixture = Fixture::new();
    let Verdict::Accepted { picture, .. } = fixture.upload("cat.jpg", "0A", chart()).await else {
        panic!("it is accepted")
    };
    let received_at = picture.upload.received_at;
    fixture.complete(picture, vec![rendered("old"), rendered("same")]).await.unwrap();

    let verdict = reprocess_and_validate(&fixture, "cat.jpg", "2026-06-01T00:00:00Z").await;
    let Verdict::Accepted { picture, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(picture.upload.received_at, received_at, "its position in lists is the same");
    let outcome = fixture.complete(picture, vec![rendered("new"), rendered("same")]).await.unwrap();
    assert!(matches!(outcome, NotifyOutcome::Published { .. }), "{outcome:?}");
    assert_eq!(fixture.cloud.superseded(), ["old"], "the rendition that is not made any more");
    let record = fixture.cloud.get("cat.jpg").await.unwrap().unwrap();
    assert_eq!((record.status, record.renditions.len()), (Status::Completed, 2));
}

#[tokio::test]
async fn a_repeated_event_of_the_same_upload_is_superseded_but_a_later_upload_is_not() {
    let fixture = Fixture::new();
    fixture.upload("cat.jpg", "0A", chart()).await;
    assert!(is_accepted(&reprocess_and_validate(&fixture, "cat.jpg", "2026-06-01T00:00:00Z").await));
    let repeated = fixture.upload("cat.jpg", "0A", chart()).await;
    assert!(matches!(repeated, Verdict::Superseded { .. }), "{repeated:?}");
    assert!(is_accepted(&fixture.upload("cat.jpg", "0A01", chart()).await));
}

#[tokio::test]
async fn without_a_record_a_late_event_replaces_the_reprocessing() {
    let fixture = Fixture::new();
    fixture.cloud.put_source("cat.jpg", Some("01"), chart());
    assert!(is_accepted(&reprocess_and_validate(&fixture, "cat.jpg", "2026-06-01T00:00:00Z").await));
    assert!(is_accepted(&fixture.upload("cat.jpg", "01", chart()).await));
}

#[tokio::test]
async fn the_current_version_is_reprocessed_not_the_recorded_one() {
    let fixture = Fixture::new();
    fixture.upload("cat.jpg", "01", chart()).await;
    fixture.cloud.put_source("cat.jpg", Some("02"), chart());
    let verdict = reprocess_and_validate(&fixture, "cat.jpg", "2026-06-01T00:00:00Z").await;
    let Verdict::Accepted { picture, .. } = verdict else { panic!("{verdict:?}") };
    assert_eq!(picture.upload.version_id.as_deref(), Some("02"));
    let event = fixture.upload("cat.jpg", "02", chart()).await;
    assert!(is_accepted(&event), "the late event of that version: {event:?}");
}

#[tokio::test]
async fn two_calls_within_a_second_start_one_execution() {
    let fixture = Fixture::new();
    fixture.upload("cat.jpg", "01", chart()).await;
    fixture.upload("dog.jpg", "01", chart()).await;
    reprocess_and_validate(&fixture, "cat.jpg", "2026-06-01T00:00:00.1Z").await;
    reprocess_and_validate(&fixture, "cat.jpg", "2026-06-01T00:00:00.9Z").await;
    assert_eq!(fixture.cloud.executions().len(), 1);
    reprocess_and_validate(&fixture, "dog.jpg", "2026-06-01T00:00:00.9Z").await;
    reprocess_and_validate(&fixture, "cat.jpg", "2026-06-01T00:00:01Z").await;
    let executions = fixture.cloud.executions();
    assert_eq!(executions.len(), 3);
    for (name, _) in executions {
        assert!(name.len() <= 80 && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'));
    }
}

#[tokio::test]
async fn a_key_without_a_source_cannot_be_reprocessed() {
    let fixture = Fixture::new();
    assert!(start(&fixture, "cat.jpg", "2026-06-01T00:00:00Z").await.is_none());
    fixture.upload("cat.jpg", "01", chart()).await;
    fixture.cloud.delete_source("cat.jpg");
    assert!(start(&fixture, "cat.jpg", "2026-06-01T00:00:00Z").await.is_none());
    assert!(fixture.cloud.executions().is_empty());
}
