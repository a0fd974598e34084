//! Stories of removal: everything goes, nothing comes back, and nobody else's goes along.

use pipeline::{
    Notice, Sequencer,
    api::{Removal, SourceDeleted, Versions, remove, source_deleted},
    messages::{Destination, Verdict},
    ports::{Catalogue, NewRendition, Records, Renditions, SourceVersions},
    testing::{Cloud, Fault},
};
use serde_json::json;

use crate::fixture::{World, chart, moment, rendered};

const A1: &str = "a/medium-0123456789.webp";
const A2: &str = "a/large-0123456789.webp";
const B1: &str = "a/b/medium-0123456789.webp";

/// `a` is completed; so is `a/b`, whose key begins with it.
async fn world() -> World {
    let world = World::new();
    for (key, renditions) in [("a", vec![A1, A2]), ("a/b", vec![B1])] {
        let verdict = world.upload(key, "0A", chart()).await;
        let Verdict::Accepted { picture, .. } = verdict else { panic!("{verdict:?}") };
        world.completed(picture, renditions.into_iter().map(rendered).collect()).await.unwrap();
    }
    world
}

async fn delete(cloud: &Cloud, key: &str) -> Result<Removal, pipeline::Failure> {
    remove(key, Versions::Keep, moment(), cloud, cloud, cloud).await
}

async fn purge(cloud: &Cloud, key: &str) -> Result<Removal, pipeline::Failure> {
    remove(key, Versions::Purge, moment(), cloud, cloud, cloud).await
}

async fn deleted_in_s3(cloud: &Cloud, key: &str, sequencer: &str) -> Removal {
    let object = json!({"key": key, "sequencer": sequencer});
    let event = json!({"detail": {"bucket": {"name": "sources"}, "object": object}});
    let event: SourceDeleted = serde_json::from_value(event).unwrap();
    source_deleted(&event, moment(), cloud, cloud, cloud).await.unwrap()
}

async fn assert_gone(cloud: &Cloud) {
    assert_eq!(cloud.current("a").await.unwrap(), None);
    assert_eq!(cloud.get("a").await.unwrap(), None);
    assert_eq!(cloud.rendition_keys(), [B1], "only the other picture's are left");
    assert!(cloud.get("a/b").await.unwrap().is_some());
    assert!(cloud.current("a/b").await.unwrap().is_some());
}

#[tokio::test]
async fn a_removed_picture_is_gone_and_its_neighbour_is_not() {
    let world = world().await;
    assert_eq!(delete(&world.cloud, "a").await.unwrap(), Removal::Removed);
    assert_gone(&world.cloud).await;
    assert_eq!(delete(&world.cloud, "a").await.unwrap(), Removal::Removed, "and again");
    assert_eq!(delete(&world.cloud, "never").await.unwrap(), Removal::Removed);
}

#[tokio::test]
async fn a_removed_source_can_be_brought_back_unless_it_was_purged() {
    let world = world().await;
    delete(&world.cloud, "a").await.unwrap();
    delete(&world.cloud, "a").await.unwrap();
    assert_eq!(world.cloud.markers("a"), 1, "one marker, however often it is removed");
    world.cloud.remove_marker("a");
    assert!(world.cloud.current("a").await.unwrap().is_some());

    purge(&world.cloud, "a").await.unwrap();
    world.cloud.remove_marker("a");
    assert_gone(&world.cloud).await;
    assert_eq!(delete(&world.cloud, "never").await.unwrap(), Removal::Removed);
    assert_eq!(world.cloud.markers("never"), 0);
}

#[tokio::test]
async fn whatever_call_it_dies_at_a_repetition_leaves_nothing() {
    for (versions, own) in [(Versions::Keep, "mark_deleted"), (Versions::Purge, "remove_all")] {
        for call in ["sequencer", own, "list", "current", "remove", "bury"] {
            for fault in [Fault::Error, Fault::AnswerLost] {
                let World { cloud, .. } = world().await;
                cloud.fail(call, 1, fault);
                remove("a", versions, moment(), &cloud, &cloud, &cloud).await.unwrap_err();
                remove("a", versions, moment(), &cloud, &cloud, &cloud).await.unwrap();
                assert_gone(&cloud).await;
            }
        }
    }
}

#[tokio::test]
async fn an_execution_under_way_does_not_bring_it_back() {
    let world = World::new();
    let picture = world.opened("a", "0A", "x").await;
    delete(&world.cloud, "a").await.unwrap();
    let notice = world.completed(picture, vec![rendered(A1)]).await.unwrap();
    assert_eq!(notice, Notice::Superseded { key: "a".to_owned() });
    assert_eq!(world.cloud.superseded(), [A1], "what it wrote goes, too");
    assert_eq!(world.cloud.get("a").await.unwrap(), None);

    world.failed("a", "0A", "x").await.unwrap();
    assert_eq!(world.cloud.get("a").await.unwrap(), None, "nor if it fails");
    assert!(world.cloud.events().is_empty());
}

#[tokio::test]
async fn an_upload_whose_event_comes_after_its_deletion_is_superseded() {
    let world = World::new();
    assert_eq!(deleted_in_s3(&world.cloud, "a", "0B").await, Removal::Removed);
    let verdict = world.upload("a", "0A", chart()).await;
    assert!(matches!(verdict, Verdict::Superseded { .. }), "{verdict:?}");
    let verdict = world.upload("a", "0C", chart()).await;
    assert!(matches!(verdict, Verdict::Accepted { .. }), "{verdict:?}");
}

#[tokio::test]
async fn a_source_deleted_in_s3_takes_renditions_and_record_along() {
    let world = world().await;
    world.cloud.delete_source("a");
    assert_eq!(deleted_in_s3(&world.cloud, "a", "0B").await, Removal::Removed);
    assert_gone(&world.cloud).await;
    assert_eq!(deleted_in_s3(&world.cloud, "a", "0B").await, Removal::Removed, "told twice");
}

#[tokio::test]
async fn an_older_version_that_is_deleted_takes_nothing_along() {
    let world = world().await;
    assert_eq!(deleted_in_s3(&world.cloud, "a", "0B").await, Removal::Kept, "a version is left");
    assert!(world.cloud.get("a").await.unwrap().is_some());
    assert_eq!(world.cloud.rendition_keys().len(), 3);
}

#[tokio::test]
async fn a_deletion_that_is_told_late_leaves_the_later_upload_alone() {
    let world = world().await;
    world.upload("a", "0C", chart()).await;
    world.cloud.delete_source("a");
    assert_eq!(deleted_in_s3(&world.cloud, "a", "0B").await, Removal::Kept);
    assert!(world.cloud.get("a").await.unwrap().is_some(), "its own deletion is still to be told");
    assert_eq!(deleted_in_s3(&world.cloud, "a", "0D").await, Removal::Removed);
    assert_eq!(world.cloud.get("a").await.unwrap(), None);
    assert_eq!(world.cloud.sequencer("a").await.unwrap(), Some(Sequencer::new("0D")));
}

#[tokio::test]
async fn the_renditions_of_a_key_too_long_for_them_are_found_as_well() {
    let (world, key) = (World::new(), "k".repeat(1020));
    let Verdict::Accepted { jobs, .. } = world.upload(&key, "0A", chart()).await else {
        panic!("it is a picture")
    };
    let other = format!("{}/beside", "k".repeat(1000));
    for key in jobs.iter().map(|job| &job.destination.key).chain([&other]) {
        let rendition = NewRendition {
            destination: Destination { bucket: "renditions".to_owned(), key: key.clone() },
            content_type: "image/webp",
            source_version: String::new(),
            spec: String::new(),
        };
        world.cloud.put(rendition, Box::new(&b""[..])).await.unwrap();
    }
    delete(&world.cloud, &key).await.unwrap();
    assert_eq!(world.cloud.rendition_keys(), [other]);
}
