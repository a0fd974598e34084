//! Renders AVIF: files with any bytes, and AV1 data with any bytes in a valid file.
//!
//! The first byte chooses: bit 0 the kind of input, bit 1 the size of the rendition, the others bits and chroma of the
//! valid file.

#![no_main]

use avif_serialize::Aviffy;
use imaging::{Format, Policy, Probe, RenderError, RenditionSpec, probe, render};
use libfuzzer_sys::fuzz_target;

const SIDE: u32 = 96;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, rest)) = bytes.split_first() else { return };
    let source = if choice & 1 == 0 { rest.to_vec() } else { file_of(choice, rest) };
    let mut policy = Policy::default();
    policy.limits.max_pixels = 1 << 16;
    match probe(&source, source.len() as u64) {
        Ok(Probe::Header(header)) if header.format != Format::Avif || policy.judge(&header).is_err() => return,
        _ => {}
    }
    let spec = if choice & 2 == 0 { r#"{"name": "a", "format": "png"}"# } else { r#"{"name": "a", "width": 20, "format": "png"}"# };
    let spec: RenditionSpec = serde_json::from_str(spec).expect("a spec");
    match render(source.as_slice(), &spec, std::io::sink()) {
        Ok(_) | Err(RenderError::Rejected(_)) => {}
        Err(error) => panic!("expected a rejection, not {error:?}"),
    }
});

/// A file whose header is valid, with these AV1 data.
fn file_of(choice: u8, data: &[u8]) -> Vec<u8> {
    let mut avif = Aviffy::new();
    avif.set_width(SIDE).set_height(SIDE).set_bit_depth([8, 10, 12, 8][usize::from(choice >> 2 & 3)]);
    let (is_half_wide, is_half_high) = [(true, true), (true, false), (false, false), (true, true)][usize::from(choice >> 4 & 3)];
    avif.set_chroma_subsampling((is_half_wide, is_half_high)).set_monochrome(choice >> 4 & 3 == 3);
    let mut file = Vec::new();
    match avif.write_slice(&mut file, data, None) {
        Ok(_) => file,
        Err(_) => Vec::new(),
    }
}
