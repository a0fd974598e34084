//! Reads the bits of a stream. The first bit of a byte is its lowest.

use super::stream_error::StreamError;

pub(in super::super) struct BitReader<'a> {
    bytes: &'a [u8],
    /// The next bit.
    at: usize,
    /// Where the stream ends, in bits.
    end: usize,
}

impl<'a> BitReader<'a> {
    pub(in super::super) fn new(bytes: &'a [u8]) -> Self {
        // libwebp loads eight bytes at once, and reads zeros for bytes that are missing.
        BitReader { bytes, at: 0, end: bytes.len().max(8) * 8 }
    }

    pub(super) fn flag(&mut self) -> Result<bool, StreamError> {
        Ok(self.read(1)? > 0)
    }

    /// Reads up to 32 bits.
    pub(super) fn read(&mut self, count: u32) -> Result<u32, StreamError> {
        let value = self.peek(count);
        self.skip(count)?;
        u32::try_from(value).map_err(|_| StreamError::Invalid)
    }

    /// Reads up to 8 bits.
    pub(super) fn read_u8(&mut self, count: u32) -> Result<u8, StreamError> {
        u8::try_from(self.read(count)?).map_err(|_| StreamError::Invalid)
    }

    /// The next bits, up to 32. The reader does not move.
    #[allow(clippy::cast_possible_truncation)] // at most 32 bits remain
    pub(super) fn peek(&self, count: u32) -> usize {
        let ahead = self.bytes.get(self.at / 8..).unwrap_or_default();
        let word = match ahead.first_chunk() {
            Some(word) => u64::from_le_bytes(*word),
            None => ahead.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        ((word >> (self.at % 8)) & ((1 << count) - 1)) as usize
    }

    pub(in super::super) fn skip(&mut self, count: u32) -> Result<(), StreamError> {
        self.at += count as usize;
        if self.at > self.end { Err(StreamError::End) } else { Ok(()) }
    }
}
