//! Probes and renders any bytes as a TIFF, BMP, ICO, QOI, PNM or GIF. Our own code reads these formats.
//!
//! The first byte chooses the format, whose signature replaces the next bytes; above the last format, the bytes stay as
//! they are.

#![no_main]

use imaging::{HeaderReader, Policy, RenderError, RenditionSpec, memory_needed, render};
use libfuzzer_sys::fuzz_target;

const SIGNATURES: [&[u8]; 11] = [
    b"II*\0",
    b"MM\0*",
    b"II+\0\x08\0\0\0",
    b"MM\0+\0\x08\0\0",
    b"BM",
    b"\0\0\x01\0",
    b"qoif",
    b"P3\n",
    b"P4\n",
    b"P7\n",
    b"GIF89a",
];

const SPECS: [&str; 2] =
    [r#"{"name": "a", "format": "png"}"#, r#"{"name": "a", "fit": "cover", "width": 7, "height": 5, "format": "jpeg"}"#];

/// No picture of so few pixels takes as many bytes.
const MAX_MEMORY: u64 = 1 << 30;

fuzz_target!(|bytes: &[u8]| {
    let Some((&choice, source)) = bytes.split_first() else { return };
    let mut source = source.to_vec();
    if let Some(signature) = SIGNATURES.get(usize::from(choice)) {
        let len = signature.len().min(source.len());
        source[..len].copy_from_slice(&signature[..len]);
    }
    // Large pictures are skipped: they take long, and test nothing that small ones do not.
    let mut policy = Policy::default();
    policy.limits.max_pixels = 1 << 16;
    let header = HeaderReader::new(source.len() as u64).read_header(&mut source.as_slice());
    if header.as_ref().is_ok_and(|header| policy.judge(header).is_err()) {
        return;
    }
    for spec in SPECS {
        let spec: RenditionSpec = serde_json::from_str(spec).expect("a spec");
        if let Ok(header) = &header {
            assert!(memory_needed(header, source.len() as u64, &spec) < MAX_MEMORY);
        }
        match render(source.as_slice(), &spec, Vec::new()) {
            Ok(rendered) => assert_eq!(header.as_ref().map(|header| header.size).ok(), Some(rendered.source.size)),
            Err(RenderError::Rejected(rejection)) => drop(rejection.to_string()),
            Err(error) => panic!("expected a rejection, not {error:?}"),
        }
    }
});
