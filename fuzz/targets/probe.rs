//! Probes any bytes as the beginning of a source.
//!
//! The first two bytes are a number: how many bytes the source claims to have after those that are given.

#![no_main]

use imaging::{Policy, Probe, probe};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((missing, start)) = bytes.split_first_chunk() else { return };
    let byte_len = start.len() as u64 + u64::from(u16::from_le_bytes(*missing));
    match probe(start, byte_len) {
        Ok(Probe::Header(header)) => {
            assert!(header.size.pixels() > 0 && header.frames > 0);
            let _ = Policy::default().judge(&header);
        }
        Ok(Probe::NeedMore { byte_len: wanted }) => {
            assert!(wanted > start.len() as u64 && wanted <= byte_len);
        }
        Err(rejection) => drop(rejection.to_string()),
    }
});
