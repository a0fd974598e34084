//! Sources and renditions.

use tokio::io::AsyncReadExt;

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

/// `destination` and its sibling `…-never-written` are free.
pub async fn renditions(port: &impl Renditions, destination: &Destination) {
    let rendition = NewRendition {
        destination: destination.clone(),
        bytes: b"rendered".to_vec(),
        content_type: "image/webp",
        source_version: "v1".to_owned(),
        spec: r#"{"name":"thumbnail"}"#.to_owned(),
    };
    port.put(rendition.clone()).await.expect("a rendition can be written");
    port.put(rendition).await.expect("and written over with itself");
    port.tag_superseded(destination).await.expect("it can be tagged");
    port.tag_superseded(destination).await.expect("and tagged again");
    port.untag_superseded(destination).await.expect("the tag can be taken away");
    port.untag_superseded(destination).await.expect("and away again");
    port.tag_superseded(destination).await.expect("and it can be tagged after that");

    let key = format!("{}-never-written", destination.key);
    let absent = Destination { key, ..destination.clone() };
    port.tag_superseded(&absent).await.expect("what is gone already is well");
    port.untag_superseded(&absent).await.expect("what is gone already is well");
}
