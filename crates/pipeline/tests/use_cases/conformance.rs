//! The twins in memory keep the promises of the ports.

use pipeline::{
    messages::{Destination, Source},
    testing::Cloud,
    testing::conformance,
};

fn source(key: &str, version_id: Option<&str>) -> Source {
    Source {
        bucket: "sources".to_owned(),
        key: key.to_owned(),
        version_id: version_id.map(str::to_owned),
        etag: "e".to_owned(),
    }
}

#[tokio::test]
async fn sources_in_memory_keep_the_promises_of_the_port() {
    let cloud = Cloud::default();
    let bytes: Vec<u8> = (0..=255).collect();
    cloud.put_source("a", Some("v1"), bytes.clone());
    let (stored, gone) = (source("a", Some("v1")), source("a", Some("v2")));
    conformance::sources(&cloud, &stored, &bytes, &gone).await;
}

#[tokio::test]
async fn renditions_in_memory_keep_the_promises_of_the_port() {
    let cloud = Cloud::default();
    let destination = Destination { bucket: "d".to_owned(), key: "a/thumbnail-1.webp".to_owned() };
    let read = async |destination: &Destination| Some(cloud.rendition(&destination.key)?.bytes);
    conformance::renditions(&cloud, &destination, read).await;
    assert_eq!(cloud.superseded(), [destination.key]);
}

#[tokio::test]
async fn records_in_memory_keep_the_promises_of_the_port() {
    conformance::records(&Cloud::default(), "memory").await;
}

#[tokio::test]
async fn the_catalogue_in_memory_keeps_the_promises_of_the_port() {
    conformance::catalogue(&Cloud::default(), "memory").await;
}

#[tokio::test]
async fn source_versions_in_memory_keep_the_promises_of_the_port() {
    let cloud = Cloud::default();
    cloud.put_source("a", Some("v1"), vec![0; 10]);
    cloud.put_source("a", Some("v2"), vec![0; 20]);
    cloud.put_source("ab", Some("v1"), vec![0; 30]);
    let mark = async |key: &str| cloud.delete_source(key);
    conformance::source_versions(&cloud, "a", "ab", ("v2", 20), mark).await;
}

#[tokio::test]
async fn stored_renditions_in_memory_keep_the_promises_of_the_port() {
    let cloud = Cloud::default();
    conformance::stored_renditions(&cloud, &cloud, "renditions", "memory/").await;
}

#[tokio::test]
async fn executions_in_memory_keep_the_promises_of_the_port() {
    let cloud = Cloud::default();
    conformance::executions(&cloud, "once", "{}").await;
    assert_eq!(cloud.executions().len(), 1);
}
