//! Buckets as their keeper sees them, and executions.

use crate::{
    messages::Destination,
    ports::{Executions, NewRendition, Renditions, SourceVersions, StoredRenditions},
};

/// `key` holds two versions, the later one with `byte_len` bytes and that ID; `sibling` begins with
/// `key` and holds one. `mark` puts a delete marker on top.
pub async fn source_versions(
    port: &impl SourceVersions,
    key: &str,
    sibling: &str,
    later: (&str, u64),
    mark: impl AsyncFn(&str),
) {
    let current = port.current(key).await.expect("current").expect("it was uploaded");
    assert_eq!((current.version_id.as_deref(), current.byte_len), (Some(later.0), later.1));
    assert!(!current.etag.contains('"'), "{}", current.etag);

    mark(key).await;
    assert_eq!(port.current(key).await.expect("current"), None, "a marker is no version");
    port.mark_deleted(key).await.expect("a second marker");
    assert_eq!(port.current(key).await.expect("current"), None);
    port.remove_all(key).await.expect("remove");
    port.remove_all(key).await.expect("and again");
    assert_eq!(port.current(key).await.expect("current"), None);
    assert!(port.current(sibling).await.expect("current").is_some(), "another key");
    let never = format!("{key}/never");
    assert_eq!(port.current(&never).await.expect("current"), None);
    port.remove_all(&never).await.expect("what never was is gone");
}

/// Both ports see one bucket, in which nothing begins with `prefix` yet.
pub async fn stored_renditions(
    writer: &impl Renditions,
    keeper: &impl StoredRenditions,
    bucket: &str,
    prefix: &str,
) {
    let key = |rest: &str| format!("{prefix}{rest}");
    let all = ["a/b/m-1.webp", "a/m-1.webp", "a/ü +%.webp", "ab/m-1.webp"].map(key);
    for key in &all {
        let rendition = NewRendition {
            destination: Destination { bucket: bucket.to_owned(), key: key.clone() },
            content_type: "image/webp",
            source_version: "v1".to_owned(),
            spec: "{}".to_owned(),
        };
        writer.put(rendition, Box::new(&b"rendered"[..])).await.expect("put");
    }
    let list = async |prefix: &str| {
        let mut keys = keeper.list(&key(prefix)).await.expect("list");
        keys.sort();
        keys
    };
    assert_eq!(list("a/").await, all[1..3], "no further slash");
    assert_eq!(list("a").await, all, "whatever begins so");
    keeper.remove(&all[1..2]).await.expect("remove");
    keeper.remove(&all[1..2]).await.expect("what is gone already is well");
    keeper.remove(&[]).await.expect("nothing to do");
    assert_eq!(list("a/").await, all[2..3]);
    keeper.remove(&all).await.expect("remove");
    assert_eq!(list("a").await, [] as [&str; 0]);
}

/// `name` was never used. `input` is for no picture.
pub async fn executions(port: &impl Executions, name: &str, input: &str) {
    let first = port.start(name, input).await.expect("start");
    assert!(first.ends_with(name), "{first}");
    let again = port.start(name, input).await.expect("start again");
    assert_eq!(again, first, "one name, one execution");
    let other = port.start(name, r#"{"other": "input"}"#).await.expect("start again");
    assert_eq!(other, first, "whatever its input");
}
