//! Sources: reading them, and their versions.

use tokio::io::AsyncReadExt;

use crate::{Failure, messages::SourceObject, ports::Sources};

/// `stored` has the content `bytes` (at least ten of them). `gone` does not exist.
pub async fn sources(port: &impl Sources, stored: &SourceObject, bytes: &[u8], gone: &SourceObject) {
    let len = bytes.len();
    for (start, end) in [(0, 1), (3, 7), (0, len), (len - 1, len), (2, len + 100)] {
        let range = port.read_range(stored, start as u64, end as u64).await;
        let range = range.expect("an existing source can be read");
        assert_eq!(range, bytes[start..end.min(len)], "bytes {start} to {end}");
    }

    let mut body = port.read_all(stored).await.expect("an existing source can be read");
    let mut whole = Vec::new();
    body.read_to_end(&mut whole).await.expect("the whole body can be read");
    assert_eq!(whole, bytes);

    let range = port.read_range(gone, 0, 10).await.expect_err("a missing source cannot be read");
    assert!(matches!(range, Failure::SourceGone { .. }), "{range:?}");
    let Err(whole) = port.read_all(gone).await else { panic!("a missing source cannot be read") };
    assert!(matches!(whole, Failure::SourceGone { .. }), "{whole:?}");
}

/// `key` has two versions; `later` is the ID and the length of the second. `sibling` begins with `key` and has one
/// version. `delete` adds a delete marker, as a client does.
pub async fn source_versions(
    port: &impl Sources,
    bucket: &str,
    key: &str,
    sibling: &str,
    later: (&str, u64),
    delete: impl AsyncFn(&str),
) {
    let current = async |key: &str| port.current_version(bucket, key).await.expect("current");
    let uploaded = current(key).await.expect("it was uploaded");
    assert_eq!((uploaded.version_id.as_deref(), uploaded.byte_len), (Some(later.0), later.1));
    assert!(!uploaded.etag.contains('"'), "{}", uploaded.etag);

    delete(key).await;
    assert_eq!(current(key).await, None, "a delete marker is not a version");
    port.add_delete_marker(bucket, key).await.expect("add a second marker");
    assert_eq!(current(key).await, None);
    port.delete_versions(bucket, key).await.expect("delete");
    port.delete_versions(bucket, key).await.expect("delete again");
    assert_eq!(current(key).await, None);
    assert!(current(sibling).await.is_some(), "the other key is unchanged");
    let unused = format!("{key}/never");
    assert_eq!(current(&unused).await, None);
    port.delete_versions(bucket, &unused).await.expect("no-op for a key without versions");
}
