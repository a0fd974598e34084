//! Renders any bytes as a source, through the codecs in Rust and in C.
//!
//! The first byte chooses the rendition spec. A rendition must be a valid picture of the reported format and size.

#![no_main]

use imaging::{Format, Policy, Probe, RenderError, RenditionSpec, probe, render};
use libfuzzer_sys::fuzz_target;

const SPECS: [&str; 9] = [
    r#"{"name": "a", "format": "png"}"#,
    r#"{"name": "a", "width": 9, "format": "jpeg"}"#,
    r#"{"name": "a", "fit": "cover", "width": 7, "height": 5, "format": "webp", "method": 0}"#,
    r#"{"name": "a", "width": 20, "height": 20, "format": "webp", "lossless": true}"#,
    r#"{"name": "a", "format": "webp", "method": 0, "animated": true}"#,
    r#"{"name": "a", "height": 8, "format": "webp", "lossless": true, "animated": true}"#,
    r#"{"name": "a", "width": 31, "format": "jpeg", "progressive": true}"#,
    r#"{"name": "a", "fit": "cover", "width": 3, "height": 40, "format": "source"}"#,
    r#"{"name": "a", "width": 33, "height": 33, "format": "avif"}"#,
];

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, source)) = bytes.split_first() else { return };
    // Large pictures are skipped: they take long, and test nothing that small ones do not.
    let mut policy = Policy::default();
    policy.limits.max_pixels = 1 << 16;
    match probe(source, source.len() as u64) {
        Ok(Probe::Header(header)) if policy.judge(&header).is_err() => return,
        _ => {}
    }
    let spec: RenditionSpec =
        serde_json::from_str(SPECS[usize::from(choice) % SPECS.len()]).expect("a spec");
    let mut rendition = Vec::new();
    match render(source, &spec, &mut rendition) {
        Ok(rendered) => {
            assert_eq!(rendered.byte_len, rendition.len() as u64);
            if rendered.format == Format::Avif {
                assert_eq!(
                    &rendition[4..12],
                    b"ftypavif",
                    "an AVIF file starts with its file type; probe cannot read AVIF"
                );
                return;
            }
            let Ok(Probe::Header(made)) = probe(&rendition, rendered.byte_len) else {
                panic!("the rendition is not a picture");
            };
            assert_eq!((made.format, made.size), (rendered.format, rendered.size));
        }
        Err(RenderError::Rejected(_)) => {}
        Err(error) => panic!("expected a rejection, not {error:?}"),
    }
});
