//! The AWS adapters keep the same promises as the twins in memory.

use aws_sdk_s3::error::ProvideErrorMetadata;
use end_to_end::Cloud;
use pipeline::{
    aws::{DestinationBucket, ObjectStore, RecordTable, SourceBucket, StateMachine},
    messages::{Destination, Source},
    testing::conformance,
};

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn sources_in_s3_keep_the_promises_of_the_port() {
    let cloud = Cloud::find();
    let bytes: Vec<u8> = (0..=255).collect();
    let uploaded = cloud.upload("uploads/adapters/bytes.bin", bytes.clone()).await;
    let stored = Source {
        bucket: cloud.output("SourceBucketName").to_owned(),
        key: uploaded.key,
        version_id: Some(uploaded.version_id),
        etag: uploaded.etag,
    };
    let store = ObjectStore::new(&cloud.sdk);
    let other_version = Source { version_id: Some("never-was".to_owned()), ..stored.clone() };
    conformance::sources(&store, &stored, &bytes, &other_version).await;

    // Without a version, the content must be what the event said it was.
    let current = Source { version_id: None, ..stored };
    let changed = Source { etag: "0".repeat(32), ..current.clone() };
    conformance::sources(&store, &current, &bytes, &changed).await;
    let unknown = Source { key: "uploads/adapters/unknown".to_owned(), ..current.clone() };
    conformance::sources(&store, &current, &bytes, &unknown).await;
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn renditions_in_s3_keep_the_promises_of_the_port() {
    let cloud = Cloud::find();
    let destination = Destination {
        bucket: cloud.output("DestinationBucketName").to_owned(),
        key: "adapters/a b+%.jpg/thumbnail-0.webp".to_owned(),
    };
    let read = async |destination: &Destination| {
        let Destination { bucket, key } = destination;
        let object = cloud.s3.get_object().bucket(bucket).key(key).send().await;
        match object {
            Ok(object) => {
                // Whichever way it was uploaded.
                assert_eq!(object.content_type(), Some("image/webp"));
                assert_eq!(object.cache_control(), Some("public, max-age=31536000, immutable"));
                assert_eq!(object.metadata().expect("it has some")["source-version"], "v1");
                Some(object.body.collect().await.expect("its body arrives").to_vec())
            }
            Err(error) if error.code() == Some("NoSuchKey") => None,
            Err(error) => panic!("{key}: {error:?}"),
        }
    };
    conformance::renditions(&ObjectStore::new(&cloud.sdk), &destination, read).await;
    let bucket = &destination.bucket;
    let unfinished =
        cloud.s3.list_multipart_uploads().bucket(bucket).prefix("adapters/").send().await;
    let unfinished = unfinished.expect("S3 answers");
    assert!(unfinished.uploads().is_empty(), "parts are left behind");
    assert!(cloud.is_superseded(&destination.key).await);
    let (object, bytes) = cloud.rendition(&destination.key).await;
    assert_eq!((object.content_type(), bytes.as_slice()), (Some("image/webp"), &b"rendered"[..]));
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn records_in_dynamodb_keep_the_promises_of_the_port() {
    let cloud = Cloud::find();
    let table = RecordTable::new(&cloud.sdk, cloud.output("RecordTableName"));
    conformance::records(&table, &format!("adapters/{}", std::process::id())).await;
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn the_catalogue_in_dynamodb_keeps_the_promises_of_the_port() {
    let cloud = Cloud::find();
    let table = RecordTable::new(&cloud.sdk, cloud.output("RecordTableName"));
    conformance::catalogue(&table, &format!("adapters/{}", std::process::id())).await;
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn source_versions_in_s3_keep_the_promises_of_the_port() {
    let cloud = Cloud::find();
    let key = "uploads/adapters/versions ü+%";
    let sibling = format!("{key} and more");
    cloud.upload(key, vec![0; 10]).await;
    let later = cloud.upload(key, vec![0; 20]).await;
    cloud.upload(&sibling, vec![0; 30]).await;
    let name = cloud.output("SourceBucketName");
    let mark = async |key: &str| {
        let deleted = cloud.s3.delete_object().bucket(name).key(key).send().await;
        deleted.expect("a marker is set");
    };
    let bucket = SourceBucket::new(&cloud.sdk, name);
    conformance::source_versions(&bucket, key, &sibling, (&later.version_id, 20), mark).await;
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn stored_renditions_in_s3_keep_the_promises_of_the_port() {
    let cloud = Cloud::find();
    let name = cloud.output("DestinationBucketName");
    let (writer, keeper) = (ObjectStore::new(&cloud.sdk), DestinationBucket::new(&cloud.sdk, name));
    conformance::stored_renditions(&writer, &keeper, name, "adapters/stored/").await;
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn executions_in_step_functions_keep_the_promises_of_the_port() {
    let cloud = Cloud::find();
    let machine = StateMachine::new(&cloud.sdk, cloud.output("StateMachineArn"));
    let name = format!("adapters-{}", std::process::id());
    conformance::executions(&machine, &name, "{}").await;
}
