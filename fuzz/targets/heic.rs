//! Renders any bytes as the pixels of a HEIC, in a container that is valid.
//!
//! The first two bytes are the sides that the container states, the next two the length of the decoder's configuration.
//! The target `render` changes the container.

#![no_main]

#[path = "../../crates/imaging/tests/support/heif.rs"]
#[allow(dead_code, clippy::unwrap_used)] // shared with tests
mod heif;

use std::io;

use heif::{Coded, File, Item};
use imaging::{RenderError, RenditionSpec, render};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((&[width, height, l0, l1], rest)) = bytes.split_first_chunk::<4>() else { return };
    let (config, pixels) = rest.split_at(usize::from(u16::from_be_bytes([l0, l1])).min(rest.len()));
    let coded = Coded { kind: *b"hvc1", config: (*b"hvcC", config.to_vec()), bytes: pixels.to_vec() };
    let source = File::new(vec![Item::coded(1, &coded, (width.into(), height.into()))]).bytes();
    for json in [r#"{"name": "a", "format": "png"}"#, r#"{"name": "a", "width": 9, "format": "png"}"#] {
        let spec: RenditionSpec = serde_json::from_str(json).expect("a spec");
        match render(source.as_slice(), &spec, io::sink()) {
            Ok(_) | Err(RenderError::Rejected(_)) => {}
            Err(error) => panic!("expected a rejection, not {error:?}"),
        }
    }
});
