//! Sources and renditions.

use std::{
    io::{self, Cursor},
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use crate::{
    Failure,
    messages::{Destination, Source},
    ports::{NewRendition, Renditions, Sources},
};

/// `stored` lies in the cloud with `bytes` (ten or more of them), `gone` never did.
pub async fn sources(port: &impl Sources, stored: &Source, bytes: &[u8], gone: &Source) {
    let len = bytes.len();
    for (start, end) in [(0, 1), (3, 7), (0, len), (len - 1, len), (2, len + 100)] {
        let read = port.read_range(stored, start as u64, end as u64).await;
        let read = read.expect("a source that is there can be read");
        assert_eq!(read, bytes[start..end.min(len)], "bytes {start} to {end}");
    }

    let mut body = port.read_all(stored).await.expect("a source that is there can be read");
    let mut whole = Vec::new();
    body.read_to_end(&mut whole).await.expect("its body arrives");
    assert_eq!(whole, bytes);

    let head = port.read_range(gone, 0, 10).await.expect_err("what is gone cannot be read");
    assert!(matches!(head, Failure::SourceGone { .. }), "{head:?}");
    let Err(whole) = port.read_all(gone).await else { panic!("what is gone cannot be read") };
    assert!(matches!(whole, Failure::SourceGone { .. }), "{whole:?}");
}

/// `destination` and its siblings `…-large`, `…-broken` and `…-never-written` are free; `read` gives
/// what lies somewhere.
pub async fn renditions(
    port: &impl Renditions,
    destination: &Destination,
    read: impl AsyncFn(&Destination) -> Option<Vec<u8>>,
) {
    for _ in ["a rendition can be written", "and written over with itself"] {
        port.put(rendition(destination), Box::new(&b"rendered"[..])).await.expect("it is stored");
        assert_eq!(read(destination).await.as_deref(), Some(&b"rendered"[..]));
    }
    port.tag_superseded(destination).await.expect("it can be tagged");
    port.tag_superseded(destination).await.expect("and tagged again");
    port.untag_superseded(destination).await.expect("the tag can be taken away");
    port.untag_superseded(destination).await.expect("and away again");
    port.tag_superseded(destination).await.expect("and it can be tagged after that");

    let sibling = |name: &str| {
        let key = format!("{}-{name}", destination.key);
        Destination { key, ..destination.clone() }
    };
    // As long as some parts of an upload, whole ones and one that is not.
    let bytes: Vec<u8> = (0..20_000_003_u32).map(|at| (at / 7 % 251) as u8).collect();
    let large = sibling("large");
    let (front, back) = bytes.split_at(9_999_999);
    let body = Cursor::new(front.to_vec()).chain(Cursor::new(back.to_vec()));
    port.put(rendition(&large), Box::new(body)).await.expect("a large one can be written");
    assert!(read(&large).await.as_ref() == Some(&bytes), "a large one comes back as it was");

    let broken = sibling("broken");
    for len in [0, 1, 12_000_000] {
        let body = Cursor::new(bytes[..len].to_vec()).chain(BreaksOff);
        let error = port.put(rendition(&broken), Box::new(body)).await;
        let error = error.expect_err("half a rendition is none");
        assert!(matches!(error, Failure::RenderFailed { .. }), "after {len} bytes: {error:?}");
        assert_eq!(read(&broken).await, None, "after {len} bytes");
    }

    let absent = sibling("never-written");
    port.tag_superseded(&absent).await.expect("what is gone already is well");
    port.untag_superseded(&absent).await.expect("what is gone already is well");
}

fn rendition(destination: &Destination) -> NewRendition {
    NewRendition {
        destination: destination.clone(),
        content_type: "image/webp",
        source_version: "v1".to_owned(),
        spec: r#"{"name":"thumbnail"}"#.to_owned(),
    }
}

/// A body of which nothing is left but an error.
struct BreaksOff;

impl AsyncRead for BreaksOff {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        _: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
    }
}
