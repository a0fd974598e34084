//! Values for tests.

use imaging::Format;

use crate::{Picture, Rendition, Sequencer, UploadFacts};

/// A JPEG of 4000×3000 px, uploaded at noon on 1 May 2026. Its version ID is the sequencer.
pub fn picture(key: &str, sequencer: &str, execution: &str) -> Picture {
    let upload = UploadFacts {
        sequencer: Sequencer::new(sequencer),
        version_id: Some(sequencer.to_owned()),
        etag: "content".to_owned(),
        byte_len: 1,
        format: Some(Format::Jpeg),
        width: Some(4000),
        height: Some(3000),
        profile: "web".to_owned(),
        execution: execution.to_owned(),
        received_at: "2026-05-01T12:00:00Z".parse().expect("a literal time"),
    };
    Picture { bucket: "sources".to_owned(), key: key.to_owned(), upload }
}

/// A WebP of 300×225 px, named `thumbnail`.
pub fn rendition(key: &str) -> Rendition {
    Rendition {
        name: "thumbnail".to_owned(),
        key: key.to_owned(),
        format: Format::Webp,
        width: 300,
        height: 225,
        byte_len: 9_000,
        limited_by: None,
        tone_mapped: None,
        damaged: None,
        url: None,
    }
}
