//! Removal deletes everything of a picture and nothing of others, and nothing recreates it.

use pipeline::{
    NotifyOutcome, Sequencer,
    api::{RemoveResult, SourceDeleted, VersionPolicy, follow_deletion, remove},
    messages::{Destination, Verdict},
    ports::{NewRendition, Records, Renditions, Sources},
    testing::{Fault, InMemoryCloud},
};

use crate::fixture::{Fixture, chart, notified_at, rendered, source_deleted};

const A1: &str = "a/medium-0123456789.webp";
const A2: &str = "a/large-0123456789.webp";
const B1: &str = "a/b/medium-0123456789.webp";

/// `a` and `a/b` are completed.
async fn two_pictures() -> Fixture {
    let fixture = Fixture::new();
    for (key, renditions) in [("a", vec![A1, A2]), ("a/b", vec![B1])] {
        let verdict = fixture.upload(key, "0A", chart()).await;
        let Verdict::Accepted { picture, .. } = verdict else { panic!("{verdict:?}") };
        fixture.complete(picture, renditions.into_iter().map(rendered).collect()).await.unwrap();
    }
    fixture
}

async fn delete(cloud: &InMemoryCloud, key: &str) -> Result<RemoveResult, pipeline::Failure> {
    remove(key, VersionPolicy::Keep, notified_at(), cloud).await
}

async fn purge(cloud: &InMemoryCloud, key: &str) -> Result<RemoveResult, pipeline::Failure> {
    remove(key, VersionPolicy::Purge, notified_at(), cloud).await
}

async fn deleted_in_s3(cloud: &InMemoryCloud, key: &str, sequencer: &str) -> RemoveResult {
    follow_deletion(&marked(key, sequencer), notified_at(), cloud).await.unwrap()
}

/// S3's event of a new delete marker.
fn marked(key: &str, sequencer: &str) -> SourceDeleted {
    source_deleted(key, sequencer, "Delete Marker Created")
}

async fn assert_gone(cloud: &InMemoryCloud) {
    assert_eq!(cloud.current_version("sources", "a").await.unwrap(), None);
    assert_eq!(cloud.get("a").await.unwrap(), None);
    assert_eq!(cloud.rendition_keys(), [B1], "the renditions of the other picture");
    assert!(cloud.get("a/b").await.unwrap().is_some());
    assert!(cloud.current_version("sources", "a/b").await.unwrap().is_some());
}

#[tokio::test]
async fn a_removed_picture_is_gone_but_a_longer_key_is_not() {
    let fixture = two_pictures().await;
    assert_eq!(delete(&fixture.cloud, "a").await.unwrap(), RemoveResult::Removed);
    assert_gone(&fixture.cloud).await;
    assert_eq!(delete(&fixture.cloud, "a").await.unwrap(), RemoveResult::Removed, "again");
    assert_eq!(delete(&fixture.cloud, "never").await.unwrap(), RemoveResult::Removed);
}

#[tokio::test]
async fn a_removed_source_can_be_restored_unless_it_was_purged() {
    let fixture = two_pictures().await;
    delete(&fixture.cloud, "a").await.unwrap();
    delete(&fixture.cloud, "a").await.unwrap();
    assert_eq!(fixture.cloud.delete_markers("a"), 1, "one marker for two removals");
    fixture.cloud.remove_delete_marker("a");
    assert!(fixture.cloud.current_version("sources", "a").await.unwrap().is_some());

    purge(&fixture.cloud, "a").await.unwrap();
    fixture.cloud.remove_delete_marker("a");
    assert_gone(&fixture.cloud).await;
    assert_eq!(delete(&fixture.cloud, "never").await.unwrap(), RemoveResult::Removed);
    assert_eq!(fixture.cloud.delete_markers("never"), 0);
}

#[tokio::test]
async fn a_purge_never_makes_an_earlier_version_current() {
    let fixture = two_pictures().await;
    fixture.cloud.put_source("a", Some("0B"), chart());
    purge(&fixture.cloud, "a").await.unwrap();
    let calls = fixture.cloud.calls();
    let position = |name: &str| calls.iter().position(|call| *call == name).expect(name);
    assert!(position("add_delete_marker") < position("delete_versions"), "{calls:?}");
    assert!(fixture.cloud.executions().is_empty());
}

#[tokio::test]
async fn after_any_failed_call_a_repeated_removal_leaves_nothing() {
    for (versions, own) in [(VersionPolicy::Keep, "add_delete_marker"), (VersionPolicy::Purge, "delete_versions")] {
        let more = ["last_sequencer", own, "list", "current_version", "delete", "write_tombstone", "add_delete_marker"];
        for call in more {
            for fault in [Fault::Error, Fault::AnswerLost] {
                let Fixture { cloud, .. } = two_pictures().await;
                cloud.fail(call, 1, fault);
                remove("a", versions, notified_at(), &cloud).await.unwrap_err();
                remove("a", versions, notified_at(), &cloud).await.unwrap();
                assert_gone(&cloud).await;
            }
        }
    }
}

#[tokio::test]
async fn a_running_execution_does_not_recreate_the_record() {
    let fixture = Fixture::new();
    let picture = fixture.open("a", "0A", "x").await;
    delete(&fixture.cloud, "a").await.unwrap();
    let outcome = fixture.complete(picture, vec![rendered(A1)]).await.unwrap();
    assert_eq!(outcome, NotifyOutcome::Superseded { key: "a".to_owned() });
    assert_eq!(fixture.cloud.superseded(), [A1], "its rendition is tagged");
    assert_eq!(fixture.cloud.get("a").await.unwrap(), None);

    fixture.fail("a", "0A", "x").await.unwrap();
    assert_eq!(fixture.cloud.get("a").await.unwrap(), None, "also if it fails");
    assert!(fixture.cloud.events().is_empty());
}

#[tokio::test]
async fn an_event_that_arrives_after_the_deletion_is_superseded() {
    let fixture = Fixture::new();
    assert_eq!(deleted_in_s3(&fixture.cloud, "a", "0B").await, RemoveResult::Removed);
    let verdict = fixture.upload("a", "0A", chart()).await;
    assert!(matches!(verdict, Verdict::Superseded { .. }), "{verdict:?}");
    let verdict = fixture.upload("a", "0C", chart()).await;
    assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
}

#[tokio::test]
async fn deleting_a_source_in_s3_removes_renditions_and_record() {
    let fixture = two_pictures().await;
    fixture.cloud.delete_source("a");
    assert_eq!(deleted_in_s3(&fixture.cloud, "a", "0B").await, RemoveResult::Removed);
    assert_gone(&fixture.cloud).await;
    assert_eq!(deleted_in_s3(&fixture.cloud, "a", "0B").await, RemoveResult::Removed, "a repeated event");
}

#[tokio::test]
async fn deleting_an_older_version_removes_nothing() {
    let fixture = two_pictures().await;
    assert_eq!(deleted_in_s3(&fixture.cloud, "a", "0B").await, RemoveResult::Kept, "the key has a source");
    assert!(fixture.cloud.get("a").await.unwrap().is_some());
    assert_eq!(fixture.cloud.rendition_keys().len(), 3);
}

#[tokio::test]
async fn a_late_deletion_event_keeps_the_record_of_a_later_upload() {
    let fixture = two_pictures().await;
    fixture.upload("a", "0C", chart()).await;
    fixture.cloud.delete_source("a");
    assert_eq!(deleted_in_s3(&fixture.cloud, "a", "0B").await, RemoveResult::Kept);
    assert!(fixture.cloud.get("a").await.unwrap().is_some(), "the event of its own deletion has not arrived");
    assert_eq!(deleted_in_s3(&fixture.cloud, "a", "0D").await, RemoveResult::Removed);
    assert_eq!(fixture.cloud.get("a").await.unwrap(), None);
    assert_eq!(fixture.cloud.last_sequencer("a").await.unwrap(), Some(Sequencer::new("0D")));
}

#[tokio::test]
async fn renditions_of_a_key_that_is_too_long_for_a_prefix_are_removed() {
    let (fixture, key) = (Fixture::new(), "k".repeat(1020));
    let Verdict::Accepted { jobs, .. } = fixture.upload(&key, "0A", chart()).await else { panic!("it is accepted") };
    let other = format!("{}/beside", "k".repeat(1000));
    for key in jobs.iter().map(|job| &job.destination.key).chain([&other]) {
        let rendition = NewRendition {
            destination: Destination { bucket: "renditions".to_owned(), key: key.clone() },
            content_type: "image/webp",
            source_version: String::new(),
            spec: String::new(),
        };
        fixture.cloud.put(rendition, Box::new(&b""[..])).await.unwrap();
    }
    delete(&fixture.cloud, &key).await.unwrap();
    assert_eq!(fixture.cloud.rendition_keys(), [other]);
}
