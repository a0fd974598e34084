//! Renditions: storing, tagging, listing and deleting them.

use std::{
    io::{self, Cursor},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use crate::{
    Failure,
    messages::Destination,
    ports::{NewRendition, Renditions},
};

/// `destination` and the keys `…-large`, `…-broken` and `…-never-written` beside it are unused. `read` returns the
/// bytes of an object.
pub async fn renditions(
    port: &impl Renditions,
    destination: &Destination,
    read: impl AsyncFn(&Destination) -> Option<Vec<u8>>,
) {
    for _ in ["put", "overwrite"] {
        port.put(rendition(destination), Box::new(&b"rendered"[..])).await.expect("it is stored");
        assert_eq!(read(destination).await.as_deref(), Some(&b"rendered"[..]));
    }
    port.tag_superseded(destination).await.expect("tag");
    port.tag_superseded(destination).await.expect("tag again");
    port.untag_superseded(destination).await.expect("untag");
    port.untag_superseded(destination).await.expect("untag again");
    port.tag_superseded(destination).await.expect("tag after untagging");

    let sibling = |name: &str| {
        let key = format!("{}-{name}", destination.key);
        Destination { key, ..destination.clone() }
    };
    // Several parts of a multipart upload, the last one shorter than the others.
    let bytes: Vec<u8> = (0..20_000_003_u32).map(|at| (at / 7 % 251) as u8).collect();
    let large = sibling("large");
    // The stream delivers its bytes in two pieces whose border is within a part.
    let (front, back) = bytes.split_at(9_999_999);
    let body = Cursor::new(front.to_vec()).chain(Cursor::new(back.to_vec()));
    port.put(rendition(&large), Box::new(body)).await.expect("a large rendition is stored");
    assert!(read(&large).await.as_ref() == Some(&bytes), "a large rendition keeps its bytes");

    let broken = sibling("broken");
    for len in [0, 1, 12_000_000] {
        let body = Cursor::new(bytes[..len].to_vec()).chain(FailingReader);
        let error = port.put(rendition(&broken), Box::new(body)).await;
        let error = error.expect_err("an incomplete rendition is not stored");
        assert!(matches!(error, Failure::RenderFailed { .. }), "after {len} bytes: {error:?}");
        assert_eq!(read(&broken).await, None, "after {len} bytes");
    }

    let missing = sibling("never-written");
    port.tag_superseded(&missing).await.expect("no-op for a missing rendition");
    port.untag_superseded(&missing).await.expect("no-op for a missing rendition");
}

/// No key of the bucket begins with `prefix`.
pub async fn list_and_delete_renditions(port: &impl Renditions, bucket: &str, prefix: &str) {
    let key = |rest: &str| format!("{prefix}{rest}");
    let all = ["a/b/m-1.webp", "a/m-1.webp", "a/ü +%.webp", "ab/m-1.webp"].map(key);
    for key in &all {
        let destination = Destination { bucket: bucket.to_owned(), key: key.clone() };
        port.put(rendition(&destination), Box::new(&b"rendered"[..])).await.expect("put");
    }
    let list = async |prefix: &str| {
        let mut keys = port.list(bucket, &key(prefix)).await.expect("list");
        keys.sort();
        keys
    };
    assert_eq!(list("a/").await, all[1..3], "keys with a further slash are left out");
    assert_eq!(list("a").await, all, "without a slash, all keys are listed");
    port.delete(bucket, &all[1..2]).await.expect("delete");
    port.delete(bucket, &all[1..2]).await.expect("no-op for a missing key");
    port.delete(bucket, &[]).await.expect("no-op without keys");
    assert_eq!(list("a/").await, all[2..3]);
    port.delete(bucket, &all).await.expect("delete");
    assert_eq!(list("a").await, [] as [&str; 0]);
}

fn rendition(destination: &Destination) -> NewRendition {
    NewRendition {
        destination: destination.clone(),
        content_type: "image/webp",
        source_version: "v1".to_owned(),
        spec: r#"{"name":"thumbnail"}"#.to_owned(),
    }
}

/// Every read is an error.
struct FailingReader;

impl AsyncRead for FailingReader {
    fn poll_read(self: Pin<&mut Self>, _: &mut Context<'_>, _: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
    }
}
