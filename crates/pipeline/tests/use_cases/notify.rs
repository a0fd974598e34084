//! Stories of notify: the record is closed, the world is told once, what is replaced is tagged.

use std::fs;

use serde_json::{Value, json};

use crate::fixture::{World, corrupt, rendered};
use imaging::{Format, RejectionCode, ResolvedSpec};
use pipeline::{
    DeliveryDomain, Failure, Notice, Rejection, Status,
    messages::{NotifyMessage, Outcome},
    ports::Records,
    testing::Fault,
};

#[tokio::test]
async fn a_completed_picture_is_published_with_its_renditions() {
    let world = World::new();
    let picture = world.opened("cat.jpg", "01", "a").await;
    let notice = world.completed(picture, vec![rendered("r1"), rendered("r2")]).await.unwrap();
    assert_eq!(notice, published(Status::Completed, None));
    let events = world.cloud.events();
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].detail_type(), Some("Image Completed"));
    assert_eq!(events[0].record.renditions.len(), 2);
    assert_eq!(world.cloud.get("cat.jpg").await.unwrap().unwrap(), events[0].record);
}

#[tokio::test]
async fn urls_are_told_where_renditions_are_delivered_and_never_stored() {
    let mut world = World::new();
    world.rules.delivery = Some(DeliveryDomain::new("pictures.example.com".to_owned()));
    let picture = world.opened("cat.jpg", "01", "a").await;
    world.completed(picture, vec![rendered("cat.jpg/a b.webp")]).await.unwrap();
    let told = world.cloud.events()[0].record.renditions[0].url.clone();
    assert_eq!(told.as_deref(), Some("https://pictures.example.com/cat.jpg/a%20b.webp"));
    let stored = world.cloud.get("cat.jpg").await.unwrap().unwrap();
    assert_eq!(stored.renditions[0].url, None);
}

#[tokio::test]
async fn the_same_upload_twice_is_published_once() {
    let world = World::new();
    let first = world.opened("cat.jpg", "01", "a").await;
    let second = world.opened("cat.jpg", "01", "b").await;
    world.completed(first, vec![rendered("r1")]).await.unwrap();
    let notice = world.completed(second, vec![rendered("r1")]).await.unwrap();
    assert_eq!(notice, Notice::Superseded { key: "cat.jpg".to_owned() });
    assert_eq!(world.cloud.events().len(), 1);
    assert!(world.cloud.superseded().is_empty(), "both wrote the same key, and it is wanted");
}

#[tokio::test]
async fn a_failed_publish_is_made_good_by_the_retry() {
    let world = World::new();
    let picture = world.opened("cat.jpg", "01", "a").await;
    world.cloud.fail("publish", 1, Fault::Error);
    let error = world.completed(picture.clone(), vec![rendered("r1")]).await.unwrap_err();
    assert!(matches!(error, Failure::DependencyUnavailable { .. }));
    assert_eq!(world.cloud.events().len(), 0);
    world.completed(picture, vec![rendered("r1")]).await.unwrap();
    assert_eq!(world.cloud.events().len(), 1);
}

#[tokio::test]
async fn changed_content_tags_the_renditions_of_the_earlier() {
    let world = World::new();
    let first = world.opened("cat.jpg", "01", "a").await;
    world.completed(first, vec![rendered("old"), rendered("same")]).await.unwrap();
    let second = world.opened("cat.jpg", "02", "b").await;
    world.completed(second, vec![rendered("new"), rendered("same")]).await.unwrap();
    assert_eq!(world.cloud.superseded(), ["old"]);
}

#[tokio::test]
async fn a_death_between_closing_and_tagging_leaves_nothing_untagged() {
    let world = World::new();
    let first = world.opened("cat.jpg", "01", "a").await;
    world.completed(first, vec![rendered("old")]).await.unwrap();
    let second = world.opened("cat.jpg", "02", "b").await;
    world.cloud.fail("tag_superseded", 1, Fault::Error);
    world.completed(second.clone(), vec![rendered("new")]).await.unwrap_err();
    world.completed(second, vec![rendered("new")]).await.unwrap();
    assert_eq!(world.cloud.superseded(), ["old"]);
    assert_eq!(world.cloud.events().len(), 2);
}

#[tokio::test]
async fn an_older_upload_that_finishes_late_says_nothing_and_tags_what_it_wrote() {
    let world = World::new();
    let older = world.opened("cat.jpg", "01", "a").await;
    let later = world.opened_with("cat.jpg", "02", "b", "other content").await;
    let notice = world.completed(older, vec![rendered("old")]).await.unwrap();
    assert_eq!(notice, Notice::Superseded { key: "cat.jpg".to_owned() });
    assert_eq!(world.cloud.superseded(), ["old"]);
    world.completed(later, vec![rendered("new")]).await.unwrap();
    assert_eq!(world.cloud.events().len(), 1);
}

#[tokio::test]
async fn an_older_upload_leaves_what_the_later_may_write_to_it() {
    let world = World::new();
    let older = world.opened("cat.jpg", "01", "a").await;
    world.opened("cat.jpg", "02", "b").await;
    let spec = world.rules.profiles.get("web").unwrap().renditions[0].clone();
    let spec = ResolvedSpec::new(spec, Format::Jpeg);
    let key = |version| imaging::rendition_key("cat.jpg", "content", Some(version), &spec);
    let (own, laters) = (key("01"), key("02"));
    world.completed(older, vec![rendered(&own), rendered(&laters)]).await.unwrap();
    assert_eq!(world.cloud.superseded(), [own]);
}

#[tokio::test]
async fn one_corrupt_rendition_rejects_the_picture_and_tags_the_others() {
    let world = World::new();
    let picture = world.opened("cat.jpg", "01", "a").await;
    let results = vec![rendered("r1"), corrupt("large"), rendered("r3")];
    let notice = world.completed(picture, results).await.unwrap();
    assert_eq!(notice, published(Status::Rejected, Some(RejectionCode::Corrupt)));
    let record = world.cloud.get("cat.jpg").await.unwrap().unwrap();
    assert_eq!(record.rejection.unwrap().code, RejectionCode::Corrupt);
    assert!(record.renditions.is_empty());
    assert_eq!(world.cloud.superseded(), ["r1", "r3"]);
}

#[tokio::test]
async fn a_rejected_picture_is_published_with_its_reason() {
    let world = World::new();
    let picture = world.opened("notes.jpg", "01", "a").await;
    let rejection =
        Rejection { code: RejectionCode::NotAnImage, message: "the file is not an image".into() };
    let outcome = Outcome::Rejected { picture, rejection: rejection.clone() };
    world.notify(NotifyMessage::Outcome(outcome)).await.unwrap();
    let event = &world.cloud.events()[0];
    assert_eq!(event.detail_type(), Some("Image Rejected"));
    assert_eq!(event.record.rejection, Some(rejection));
}

#[tokio::test]
async fn an_execution_that_died_before_its_record_was_opened_still_fails_it() {
    let world = World::new();
    let notice = world.failed("cat.jpg", "01", "a").await.unwrap();
    assert_eq!(notice, published(Status::Failed, None));
    let event = &world.cloud.events()[0];
    assert_eq!(event.detail_type(), Some("Image Failed"));
    assert_eq!(event.record.failure.as_ref().unwrap().error, "SourceGone");
    assert_eq!(event.record.profile, "web");
}

#[tokio::test]
async fn a_redrive_turns_failed_into_completed_and_is_told() {
    let world = World::new();
    let picture = world.opened("cat.jpg", "01", "a").await;
    world.failed("cat.jpg", "01", "a").await.unwrap();
    world.completed(picture, vec![rendered("r1")]).await.unwrap();
    let record = world.cloud.get("cat.jpg").await.unwrap().unwrap();
    assert_eq!((record.status, record.failure), (Status::Completed, None));
    let told: Vec<_> = world.cloud.events().iter().map(|event| event.detail_type()).collect();
    assert_eq!(told, [Some("Image Failed"), Some("Image Completed")]);
}

#[tokio::test]
async fn a_failure_of_an_older_upload_says_nothing_of_the_later() {
    let world = World::new();
    world.opened("cat.jpg", "02", "b").await;
    let notice = world.failed("cat.jpg", "01", "a").await.unwrap();
    assert_eq!(notice, Notice::Superseded { key: "cat.jpg".to_owned() });
    assert!(world.cloud.events().is_empty());
}

#[tokio::test]
async fn a_failed_execution_that_was_for_no_picture_is_ignored() {
    let world = World::new();
    let notice = world.status_change("a", "{}").await.unwrap();
    assert_eq!(notice, Notice::Ignored { execution: "a".to_owned() });
}

/// `tests/infrastructure/test_event_schemas.py` holds the examples against the schemas.
#[tokio::test]
async fn what_is_published_is_what_the_examples_in_the_docs_say() {
    let world = World::new();
    let execution = "arn:aws:states:eu-central-1:123456789012:execution:image-pipeline:a";
    let completed = world.opened("completed.jpg", "01", execution).await;
    world.completed(completed, vec![rendered("r1")]).await.unwrap();
    let rejected = world.opened("rejected.jpg", "01", execution).await;
    world.completed(rejected, vec![corrupt("large")]).await.unwrap();
    world.failed("failed.jpg", "01", execution).await.unwrap();

    let events: Vec<_> = world.cloud.events().iter().map(|event| json!(event)).collect();
    let names = ["image_completed", "image_rejected", "image_failed"];
    assert_eq!(events.len(), names.len());
    for (event, name) in events.iter().zip(names) {
        let file = format!("{}/../../docs/events/{name}.example.json", env!("CARGO_MANIFEST_DIR"));
        let example: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        assert_eq!(*event, example, "{file} should be:\n{event:#}\n");
    }
}

/// What notify says of the cat, a second after its upload.
fn published(status: Status, rejection: Option<RejectionCode>) -> Notice {
    Notice::Published { key: "cat.jpg".to_owned(), status, rejection, after_ms: 1_000 }
}
