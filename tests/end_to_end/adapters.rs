//! The AWS adapters pass the same conformance tests as the in-memory implementations.

use aws_sdk_s3::error::ProvideErrorMetadata;
use end_to_end::DeployedStack;
use pipeline::{
    aws::{ObjectStore, RecordTable, StateMachine},
    messages::{Destination, SourceObject},
    testing::conformance,
};

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn s3_sources_conform_to_the_port() {
    let stack = DeployedStack::find();
    let bytes: Vec<u8> = (0..=255).collect();
    let uploaded = stack.upload("uploads/adapters/bytes.bin", bytes.clone()).await;
    let stored = SourceObject {
        bucket: stack.output("SourceBucketName").to_owned(),
        key: uploaded.key,
        version_id: Some(uploaded.version_id),
        etag: uploaded.etag,
    };
    let store = ObjectStore::new(&stack.sdk);
    let other_version = SourceObject { version_id: Some("never-was".to_owned()), ..stored.clone() };
    conformance::sources(&store, &stored, &bytes, &other_version).await;

    // Without a version, the content must have the ETag of the event.
    let current = SourceObject { version_id: None, ..stored };
    let changed = SourceObject { etag: "0".repeat(32), ..current.clone() };
    conformance::sources(&store, &current, &bytes, &changed).await;
    let unknown = SourceObject { key: "uploads/adapters/unknown".to_owned(), ..current.clone() };
    conformance::sources(&store, &current, &bytes, &unknown).await;
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn s3_renditions_conform_to_the_port() {
    let stack = DeployedStack::find();
    let destination = Destination {
        bucket: stack.output("DestinationBucketName").to_owned(),
        key: "adapters/a b+%.jpg/thumbnail-0.webp".to_owned(),
    };
    let read = async |destination: &Destination| {
        let Destination { bucket, key } = destination;
        let object = stack.s3.get_object().bucket(bucket).key(key).send().await;
        match object {
            Ok(object) => {
                // The same for an upload in one request and in parts.
                assert_eq!(object.content_type(), Some("image/webp"));
                assert_eq!(object.cache_control(), Some("public, max-age=31536000, immutable"));
                assert_eq!(object.metadata().expect("it has metadata")["source-version"], "v1");
                Some(object.body.collect().await.expect("the body is complete").to_vec())
            }
            Err(error) if error.code() == Some("NoSuchKey") => None,
            Err(error) => panic!("{key}: {error:?}"),
        }
    };
    conformance::renditions(&ObjectStore::new(&stack.sdk), &destination, read).await;
    let bucket = &destination.bucket;
    let unfinished = stack.s3.list_multipart_uploads().bucket(bucket).prefix("adapters/").send().await;
    let unfinished = unfinished.expect("S3 answers");
    assert!(unfinished.uploads().is_empty(), "an upload in parts was not finished or aborted");
    assert!(stack.is_superseded(&destination.key).await);
    let (object, bytes) = stack.get_rendition(&destination.key).await;
    assert_eq!((object.content_type(), bytes.as_slice()), (Some("image/webp"), &b"rendered"[..]));
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn dynamodb_records_conform_to_the_port() {
    let stack = DeployedStack::find();
    let table = RecordTable::new(&stack.sdk, stack.output("RecordTableName"));
    conformance::records(&table, &format!("adapters/{}", std::process::id())).await;
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn the_dynamodb_record_index_conforms_to_the_port() {
    let stack = DeployedStack::find();
    let table = RecordTable::new(&stack.sdk, stack.output("RecordTableName"));
    conformance::record_index(&table, &format!("adapters/{}", std::process::id())).await;
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn s3_source_versions_conform_to_the_port() {
    let stack = DeployedStack::find();
    let key = "uploads/adapters/versions ü+%";
    let sibling = format!("{key} and more");
    stack.upload(key, vec![0; 10]).await;
    let later = stack.upload(key, vec![0; 20]).await;
    stack.upload(&sibling, vec![0; 30]).await;
    let name = stack.output("SourceBucketName");
    let delete = async |key: &str| {
        let deleted = stack.s3.delete_object().bucket(name).key(key).send().await;
        deleted.expect("S3 sets a delete marker");
    };
    let (store, later) = (ObjectStore::new(&stack.sdk), (later.version_id.as_str(), 20));
    conformance::source_versions(&store, name, key, &sibling, later, delete).await;
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn s3_lists_and_deletes_renditions_as_the_port_says() {
    let stack = DeployedStack::find();
    let (store, bucket) = (ObjectStore::new(&stack.sdk), stack.output("DestinationBucketName"));
    conformance::list_and_delete_renditions(&store, bucket, "adapters/stored/").await;
}

#[tokio::test]
#[ignore = "needs a local cloud: make test"]
async fn step_functions_executions_conform_to_the_port() {
    let stack = DeployedStack::find();
    let machine = StateMachine::new(&stack.sdk, stack.output("StateMachineArn"));
    let name = format!("adapters-{}", std::process::id());
    conformance::executions(&machine, &name, "{}").await;
}
