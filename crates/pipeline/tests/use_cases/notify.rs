//! Notify closes the record, publishes the outcome once, and tags replaced renditions.

use std::fs;

use serde_json::{Value, json};

use crate::fixture::{Fixture, corrupt, rendered};
use imaging::{Format, RejectionCode, ResolvedSpec};
use pipeline::{
    DeliveryDomain, Failure, NotifyOutcome, RejectionNote, Status,
    messages::{ExecutionOutcome, NotifyMessage},
    ports::Records,
    testing::{Fault, sample},
};

#[tokio::test]
async fn a_completed_picture_is_published_with_its_renditions() {
    let fixture = Fixture::new();
    let picture = fixture.open("cat.jpg", "01", "a").await;
    let outcome = fixture.complete(picture, vec![rendered("r1"), rendered("r2")]).await.unwrap();
    assert_eq!(outcome, published(Status::Completed, None));
    let events = fixture.cloud.events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].detail_type(), Some("Image Completed"));
    assert_eq!(events[0].record.renditions.len(), 2);
    assert_eq!(fixture.cloud.get("cat.jpg").await.unwrap().unwrap(), events[0].record);
}

#[tokio::test]
async fn urls_are_published_with_a_delivery_domain_and_never_stored() {
    let mut fixture = Fixture::new();
    fixture.settings.delivery = Some(DeliveryDomain::new("pictures.example.com".to_owned()));
    let picture = fixture.open("cat.jpg", "01", "a").await;
    fixture.complete(picture, vec![rendered("cat.jpg/a b.webp")]).await.unwrap();
    let url = fixture.cloud.events()[0].record.renditions[0].url.clone();
    assert_eq!(url.as_deref(), Some("https://pictures.example.com/cat.jpg/a%20b.webp"));
    let stored = fixture.cloud.get("cat.jpg").await.unwrap().unwrap();
    assert_eq!(stored.renditions[0].url, None);
}

#[tokio::test]
async fn the_same_upload_twice_is_published_once() {
    let fixture = Fixture::new();
    let first = fixture.open("cat.jpg", "01", "a").await;
    let second = fixture.open("cat.jpg", "01", "b").await;
    fixture.complete(first, vec![rendered("r1")]).await.unwrap();
    let outcome = fixture.complete(second, vec![rendered("r1")]).await.unwrap();
    assert_eq!(outcome, NotifyOutcome::Superseded { key: "cat.jpg".to_owned() });
    assert_eq!(fixture.cloud.events().len(), 1);
    assert!(fixture.cloud.superseded().is_empty(), "both wrote the same key, which the record lists");
}

#[tokio::test]
async fn a_retry_publishes_after_a_failed_publish() {
    let fixture = Fixture::new();
    let picture = fixture.open("cat.jpg", "01", "a").await;
    fixture.cloud.fail("publish", 1, Fault::Error);
    let error = fixture.complete(picture.clone(), vec![rendered("r1")]).await.unwrap_err();
    assert!(matches!(error, Failure::DependencyUnavailable { .. }));
    assert_eq!(fixture.cloud.events().len(), 0);
    fixture.complete(picture, vec![rendered("r1")]).await.unwrap();
    assert_eq!(fixture.cloud.events().len(), 1);
}

#[tokio::test]
async fn changed_content_tags_the_renditions_of_the_earlier_upload() {
    let fixture = Fixture::new();
    let first = fixture.open("cat.jpg", "01", "a").await;
    fixture.complete(first, vec![rendered("old"), rendered("same")]).await.unwrap();
    let second = fixture.open("cat.jpg", "02", "b").await;
    fixture.complete(second, vec![rendered("new"), rendered("same")]).await.unwrap();
    assert_eq!(fixture.cloud.superseded(), ["old"]);
}

#[tokio::test]
async fn a_retry_tags_after_a_failure_between_closing_and_tagging() {
    let fixture = Fixture::new();
    let first = fixture.open("cat.jpg", "01", "a").await;
    fixture.complete(first, vec![rendered("old")]).await.unwrap();
    let second = fixture.open("cat.jpg", "02", "b").await;
    fixture.cloud.fail("tag_superseded", 1, Fault::Error);
    fixture.complete(second.clone(), vec![rendered("new")]).await.unwrap_err();
    fixture.complete(second, vec![rendered("new")]).await.unwrap();
    assert_eq!(fixture.cloud.superseded(), ["old"]);
    assert_eq!(fixture.cloud.events().len(), 2);
}

#[tokio::test]
async fn an_earlier_upload_that_finishes_late_publishes_nothing_and_tags_its_renditions() {
    let fixture = Fixture::new();
    let older = fixture.open("cat.jpg", "01", "a").await;
    let mut later = sample::picture("cat.jpg", "02", "b");
    later.upload.etag = "other content".to_owned();
    let later = fixture.open_picture(later).await;
    let outcome = fixture.complete(older, vec![rendered("old")]).await.unwrap();
    assert_eq!(outcome, NotifyOutcome::Superseded { key: "cat.jpg".to_owned() });
    assert_eq!(fixture.cloud.superseded(), ["old"]);
    fixture.complete(later, vec![rendered("new")]).await.unwrap();
    assert_eq!(fixture.cloud.events().len(), 1);
}

#[tokio::test]
async fn an_earlier_upload_does_not_tag_what_the_later_may_write() {
    let fixture = Fixture::new();
    let older = fixture.open("cat.jpg", "01", "a").await;
    fixture.open("cat.jpg", "02", "b").await;
    let spec = fixture.settings.profiles.get("web").unwrap().renditions[0].clone();
    let spec = ResolvedSpec::new(spec, Format::Jpeg);
    let key = |version| imaging::rendition_key("cat.jpg", "content", Some(version), &spec);
    let (own, later) = (key("01"), key("02"));
    fixture.complete(older, vec![rendered(&own), rendered(&later)]).await.unwrap();
    assert_eq!(fixture.cloud.superseded(), [own]);
}

#[tokio::test]
async fn one_rejected_job_rejects_the_picture_and_tags_the_other_renditions() {
    let fixture = Fixture::new();
    let picture = fixture.open("cat.jpg", "01", "a").await;
    let results = vec![rendered("r1"), corrupt("large"), rendered("r3")];
    let outcome = fixture.complete(picture, results).await.unwrap();
    assert_eq!(outcome, published(Status::Rejected, Some(RejectionCode::Corrupt)));
    let record = fixture.cloud.get("cat.jpg").await.unwrap().unwrap();
    assert_eq!(record.rejection.unwrap().code, RejectionCode::Corrupt);
    assert!(record.renditions.is_empty());
    assert_eq!(fixture.cloud.superseded(), ["r1", "r3"]);
}

#[tokio::test]
async fn a_rejected_picture_is_published_with_its_reason() {
    let fixture = Fixture::new();
    let picture = fixture.open("notes.jpg", "01", "a").await;
    let rejection = RejectionNote { code: RejectionCode::NotAnImage, message: "the file is not an image".into() };
    let outcome = ExecutionOutcome::Rejected { picture, rejection: rejection.clone() };
    fixture.notify(NotifyMessage::Outcome(outcome)).await.unwrap();
    let event = &fixture.cloud.events()[0];
    assert_eq!(event.detail_type(), Some("Image Rejected"));
    assert_eq!(event.record.rejection, Some(rejection));
}

#[tokio::test]
async fn an_execution_that_failed_before_its_record_was_opened_gets_a_failed_record() {
    let fixture = Fixture::new();
    let outcome = fixture.fail("cat.jpg", "01", "a").await.unwrap();
    assert_eq!(outcome, published(Status::Failed, None));
    let event = &fixture.cloud.events()[0];
    assert_eq!(event.detail_type(), Some("Image Failed"));
    assert_eq!(event.record.failure.as_ref().unwrap().error, "SourceGone");
    assert_eq!(event.record.upload.profile, "web");
}

#[tokio::test]
async fn a_redrive_completes_a_failed_record_and_is_published() {
    let fixture = Fixture::new();
    let picture = fixture.open("cat.jpg", "01", "a").await;
    fixture.fail("cat.jpg", "01", "a").await.unwrap();
    fixture.complete(picture, vec![rendered("r1")]).await.unwrap();
    let record = fixture.cloud.get("cat.jpg").await.unwrap().unwrap();
    assert_eq!((record.status, record.failure), (Status::Completed, None));
    let types: Vec<_> = fixture.cloud.events().iter().map(|event| event.detail_type()).collect();
    assert_eq!(types, [Some("Image Failed"), Some("Image Completed")]);
}

#[tokio::test]
async fn a_failure_of_an_earlier_upload_does_not_change_the_later_one() {
    let fixture = Fixture::new();
    fixture.open("cat.jpg", "02", "b").await;
    let outcome = fixture.fail("cat.jpg", "01", "a").await.unwrap();
    assert_eq!(outcome, NotifyOutcome::Superseded { key: "cat.jpg".to_owned() });
    assert!(fixture.cloud.events().is_empty());
}

#[tokio::test]
async fn a_failed_execution_without_an_upload_is_ignored() {
    let fixture = Fixture::new();
    let outcome = fixture.fail_with_input("a", "{}").await.unwrap();
    assert_eq!(outcome, NotifyOutcome::Ignored { execution: "a".to_owned() });
}

/// `tests/infrastructure/test_event_schemas.py` validates the examples with the schemas.
#[tokio::test]
async fn published_events_are_equal_to_the_examples_in_the_docs() {
    let fixture = Fixture::new();
    let execution = "arn:aws:states:eu-central-1:123456789012:execution:image-pipeline:a";
    let completed = fixture.open("completed.jpg", "01", execution).await;
    fixture.complete(completed, vec![rendered("r1")]).await.unwrap();
    let rejected = fixture.open("rejected.jpg", "01", execution).await;
    fixture.complete(rejected, vec![corrupt("large")]).await.unwrap();
    fixture.fail("failed.jpg", "01", execution).await.unwrap();

    let events: Vec<_> = fixture.cloud.events().iter().map(|event| json!(event)).collect();
    let names = ["image_completed", "image_rejected", "image_failed"];
    assert_eq!(events.len(), names.len());
    for (event, name) in events.iter().zip(names) {
        let file = format!("{}/../../docs/events/{name}.example.json", env!("CARGO_MANIFEST_DIR"));
        let example: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        assert_eq!(*event, example, "{file} should be:\n{event:#}\n");
    }
}

/// The outcome for `cat.jpg`, one second after its upload.
fn published(status: Status, rejection: Option<RejectionCode>) -> NotifyOutcome {
    NotifyOutcome::Published { key: "cat.jpg".to_owned(), status, rejection, after_ms: 1_000 }
}
