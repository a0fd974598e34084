//! Bits of a stream, the lowest of each byte first.

use super::Fault;

/// Bits, the first of a byte its lowest.
pub(in super::super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Bits<'a> {
    pub(in super::super) fn of(bytes: &'a [u8]) -> Self {
        // libwebp loads eight bytes at once, and takes those for zeros that are not there.
        Bits { bytes, at: 0, end: bytes.len().max(8) * 8 }
    }

    pub(super) fn flag(&mut self) -> Result<bool, Fault> {
        Ok(self.read(1)? > 0)
    }

    /// Up to 32 bits.
    pub(super) fn read(&mut self, count: u32) -> Result<u32, Fault> {
        let value = self.peek(count);
        self.take(count)?;
        u32::try_from(value).map_err(|_| Fault::Damaged)
    }

    pub(super) fn bits_u8(&mut self, count: u32) -> Result<u8, Fault> {
        u8::try_from(self.read(count)?).map_err(|_| Fault::Damaged)
    }

    #[allow(clippy::cast_possible_truncation)] // up to 32 bits are left
    pub(super) fn peek(&self, count: u32) -> usize {
        let ahead = self.bytes.get(self.at / 8..).unwrap_or_default();
        let word = match ahead.first_chunk() {
            Some(word) => u64::from_le_bytes(*word),
            None => ahead.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        ((word >> (self.at % 8)) & ((1 << count) - 1)) as usize
    }

    pub(in super::super) fn take(&mut self, count: u32) -> Result<(), Fault> {
        self.at += count as usize;
        if self.at > self.end { Err(Fault::End) } else { Ok(()) }
    }
}
