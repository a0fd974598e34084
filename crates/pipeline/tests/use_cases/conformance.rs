//! The in-memory implementations pass the conformance suite.

use pipeline::{
    messages::{Destination, SourceObject},
    testing::{InMemoryCloud, conformance},
};

fn source(key: &str, version_id: Option<&str>) -> SourceObject {
    SourceObject {
        bucket: "sources".to_owned(),
        key: key.to_owned(),
        version_id: version_id.map(str::to_owned),
        etag: "e".to_owned(),
    }
}

#[tokio::test]
async fn sources_in_memory_conform_to_the_port() {
    let cloud = InMemoryCloud::default();
    let bytes: Vec<u8> = (0..=255).collect();
    cloud.put_source("a", Some("v1"), bytes.clone());
    let (stored, gone) = (source("a", Some("v1")), source("a", Some("v2")));
    conformance::sources(&cloud, &stored, &bytes, &gone).await;
}

#[tokio::test]
async fn renditions_in_memory_conform_to_the_port() {
    let cloud = InMemoryCloud::default();
    let destination = Destination { bucket: "d".to_owned(), key: "a/thumbnail-1.webp".to_owned() };
    let read = async |destination: &Destination| Some(cloud.rendition(&destination.key)?.bytes);
    conformance::renditions(&cloud, &destination, read).await;
    assert_eq!(cloud.superseded(), [destination.key]);
}

#[tokio::test]
async fn records_in_memory_conform_to_the_port() {
    conformance::records(&InMemoryCloud::default(), "memory").await;
}

#[tokio::test]
async fn the_record_index_in_memory_conforms_to_the_port() {
    conformance::record_index(&InMemoryCloud::default(), "memory").await;
}

#[tokio::test]
async fn source_versions_in_memory_conform_to_the_port() {
    let cloud = InMemoryCloud::default();
    cloud.put_source("a", Some("v1"), vec![0; 10]);
    cloud.put_source("a", Some("v2"), vec![0; 20]);
    cloud.put_source("ab", Some("v1"), vec![0; 30]);
    let delete = async |key: &str| cloud.delete_source(key);
    conformance::source_versions(&cloud, "sources", "a", "ab", ("v2", 20), delete).await;
}

#[tokio::test]
async fn lists_of_renditions_in_memory_conform_to_the_port() {
    let cloud = InMemoryCloud::default();
    conformance::list_and_delete_renditions(&cloud, "renditions", "memory/").await;
}

#[tokio::test]
async fn executions_in_memory_conform_to_the_port() {
    let cloud = InMemoryCloud::default();
    conformance::executions(&cloud, "once", "{}").await;
    assert_eq!(cloud.executions().len(), 1);
}
