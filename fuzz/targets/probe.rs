//! Any bytes as the head of a source: the first two say how long the source claims to be.

#![no_main]

use imaging::{Policy, Probe, probe};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((claim, head)) = bytes.split_first_chunk() else { return };
    let byte_len = head.len() as u64 + u64::from(u16::from_le_bytes(*claim));
    match probe(head, byte_len) {
        Ok(Probe::Header(header)) => {
            assert!(header.size.pixels() > 0 && header.frames > 0);
            let _ = Policy::default().judge(&header);
        }
        Ok(Probe::NeedMore { byte_len: wanted }) => {
            assert!(wanted > head.len() as u64 && wanted <= byte_len);
        }
        Err(rejection) => drop(rejection.to_string()),
    }
});
