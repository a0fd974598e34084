//! After a permanent deletion in S3, the record describes the version that is current then.

use pipeline::{
    Status,
    api::{RemoveResult, follow_deletion},
    messages::Verdict,
    ports::Records,
    testing::{Fault, InMemoryCloud},
};

use crate::fixture::{Fixture, chart, last_started, notified_at, rendered, source_deleted};

const FIRST: &str = "a/medium-0000000001.webp";
const SECOND: &str = "a/medium-0000000002.webp";

/// The versions `01` and `02` of one key. The record is of `02`, and completed.
async fn two_versions() -> Fixture {
    let fixture = Fixture::new();
    for (version, rendition) in [("01", FIRST), ("02", SECOND)] {
        complete(&fixture, fixture.upload("a", version, chart()).await, rendition).await;
    }
    fixture
}

async fn complete(fixture: &Fixture, verdict: Verdict, rendition: &str) {
    let Verdict::Accepted { picture, .. } = verdict else { panic!("{verdict:?}") };
    fixture.complete(picture, vec![rendered(rendition)]).await.unwrap();
}

async fn permanently_deleted(cloud: &InMemoryCloud, sequencer: &str) -> RemoveResult {
    let event = source_deleted("a", sequencer, "Permanently Deleted");
    follow_deletion(&event, notified_at(), cloud).await.unwrap()
}

/// Runs the started execution, and returns the version of the record.
async fn run_started(fixture: &Fixture) -> String {
    let upload = last_started(&fixture.cloud).expect("an execution was started");
    complete(fixture, fixture.validate(upload).await.unwrap(), FIRST).await;
    let record = fixture.cloud.get("a").await.unwrap().expect("it has a record");
    assert_eq!(record.status, Status::Completed);
    record.upload.version_id.expect("the bucket is versioned")
}

#[tokio::test]
async fn the_version_below_a_deleted_one_is_processed_and_the_renditions_of_the_deleted_one_are_gone() {
    let fixture = two_versions().await;
    fixture.cloud.delete_source_version("a", "02").await;
    assert_eq!(permanently_deleted(&fixture.cloud, "03").await, RemoveResult::Reprocessed);
    assert_eq!(fixture.cloud.get("a").await.unwrap(), None, "until its execution opens it");
    assert!(fixture.cloud.rendition_keys().is_empty());
    assert_eq!(run_started(&fixture).await, "01");
    assert_eq!(permanently_deleted(&fixture.cloud, "03").await, RemoveResult::Kept, "a repeated event");
    assert_eq!(fixture.cloud.executions().len(), 1);
}

#[tokio::test]
async fn a_picture_is_processed_again_when_its_delete_marker_is_removed() {
    let fixture = two_versions().await;
    fixture.cloud.delete_source("a");
    let marker = source_deleted("a", "03", "Delete Marker Created");
    assert_eq!(follow_deletion(&marker, notified_at(), &fixture.cloud).await.unwrap(), RemoveResult::Removed);
    fixture.cloud.remove_delete_marker("a");
    assert_eq!(permanently_deleted(&fixture.cloud, "04").await, RemoveResult::Reprocessed);
    assert_eq!(run_started(&fixture).await, "02");
    let late = follow_deletion(&marker, notified_at(), &fixture.cloud).await.unwrap();
    assert_eq!(late, RemoveResult::Kept, "the marker's event again");
    assert!(fixture.cloud.get("a").await.unwrap().is_some());
}

#[tokio::test]
async fn a_marker_that_was_removed_before_its_event_arrives_removes_nothing() {
    let fixture = two_versions().await;
    assert_eq!(permanently_deleted(&fixture.cloud, "04").await, RemoveResult::Kept, "its removal arrives first");
    let marker = source_deleted("a", "03", "Delete Marker Created");
    assert_eq!(follow_deletion(&marker, notified_at(), &fixture.cloud).await.unwrap(), RemoveResult::Kept);
    assert_eq!(fixture.cloud.rendition_keys(), [FIRST, SECOND]);
}

#[tokio::test]
async fn the_deletion_of_the_last_version_removes_the_picture() {
    let fixture = two_versions().await;
    for version in ["01", "02"] {
        fixture.cloud.delete_source_version("a", version).await;
    }
    assert_eq!(permanently_deleted(&fixture.cloud, "03").await, RemoveResult::Removed);
    assert_eq!(permanently_deleted(&fixture.cloud, "04").await, RemoveResult::Removed);
    assert_eq!(fixture.cloud.get("a").await.unwrap(), None);
    assert!(fixture.cloud.rendition_keys().is_empty() && fixture.cloud.executions().is_empty());
}

#[tokio::test]
async fn the_deletion_of_a_version_that_is_not_current_changes_nothing() {
    let fixture = two_versions().await;
    let before = fixture.cloud.get("a").await.unwrap();
    fixture.cloud.delete_source_version("a", "01").await;
    assert_eq!(permanently_deleted(&fixture.cloud, "03").await, RemoveResult::Kept);
    assert_eq!(fixture.cloud.get("a").await.unwrap(), before);
    assert_eq!(fixture.cloud.rendition_keys(), [FIRST, SECOND]);
    assert!(fixture.cloud.executions().is_empty());
}

#[tokio::test]
async fn the_late_event_of_a_version_that_is_deleted_by_then_is_superseded() {
    let fixture = Fixture::new();
    complete(&fixture, fixture.upload("a", "01", chart()).await, FIRST).await;
    assert_eq!(permanently_deleted(&fixture.cloud, "03").await, RemoveResult::Kept, "the record is of the current one");
    let late = fixture.validate(crate::fixture::upload("a", "02", 100)).await.unwrap();
    assert!(matches!(late, Verdict::Superseded { .. }), "{late:?}");
    let later = fixture.upload("a", "04", chart()).await;
    assert!(matches!(later, Verdict::Accepted { .. }), "{later:?}");
}

#[tokio::test]
async fn after_any_failed_call_a_repeated_event_processes_the_current_version() {
    for call in ["last_sequencer", "current_version", "supersede_events", "list", "write_tombstone", "delete", "start"]
    {
        for fault in [Fault::Error, Fault::AnswerLost] {
            let fixture = two_versions().await;
            fixture.cloud.delete_source_version("a", "02").await;
            fixture.cloud.fail(call, 1, fault);
            let event = source_deleted("a", "03", "Permanently Deleted");
            follow_deletion(&event, notified_at(), &fixture.cloud).await.unwrap_err();
            assert_eq!(permanently_deleted(&fixture.cloud, "03").await, RemoveResult::Reprocessed, "{call}");
            assert_eq!(fixture.cloud.executions().len(), 1, "{call}");
            assert_eq!(run_started(&fixture).await, "01", "{call}");
            assert_eq!(fixture.cloud.rendition_keys(), [FIRST], "{call}");
        }
    }
}

#[tokio::test]
async fn a_folder_marker_has_no_record_and_an_object_with_content_is_a_picture() {
    for (key, bytes, ignored) in [
        ("album/", vec![], true),
        ("album_$folder$", vec![], true),
        ("/", vec![], true),
        ("album/", chart(), false),
        ("album/empty.jpg", vec![], false),
    ] {
        let fixture = Fixture::new();
        let verdict = fixture.upload(key, "01", bytes).await;
        assert_eq!(matches!(verdict, Verdict::Ignored { .. }), ignored, "{key}: {verdict:?}");
        assert_eq!(fixture.cloud.get(key).await.unwrap().is_none(), ignored, "{key}");
    }
}

#[tokio::test]
async fn a_key_of_white_space_is_rejected_without_a_request_to_s3_and_its_deletion_is_followed() {
    for key in [" ", "\n", "\u{a0}\u{2028}"] {
        let fixture = Fixture::new();
        let verdict = fixture.upload(key, "01", chart()).await;
        let Verdict::Rejected { rejection, .. } = verdict else { panic!("{verdict:?}") };
        assert_eq!(rejection.code, imaging::RejectionCode::UnsupportedKey);
        let event = source_deleted(key, "02", "Permanently Deleted");
        let removal = follow_deletion(&event, notified_at(), &fixture.cloud).await.unwrap();
        assert_eq!(removal, RemoveResult::Removed);
        assert_eq!(fixture.cloud.get(key).await.unwrap(), None);
        let calls = fixture.cloud.calls();
        assert!(!calls.contains(&"read_range") && !calls.contains(&"current_version"), "{calls:?}");
    }
}
