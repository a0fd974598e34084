//! The entropy-coded bytes of a scan, and the bits in them.

use std::io::{self, BufRead, Read};

use super::head::{cut_short, next_marker};

/// The bytes of a scan, less those that are stuffed in behind each 0xFF, up to the next marker.
pub(super) struct EntropyCoded<B> {
    source: B,
    /// Bytes up to `end`; zeros behind them once there is a marker.
    bytes: Vec<u8>,
    end: usize,
    /// The marker that the bytes ended at.
    marker: Option<u8>,
    place: Place,
}

/// Blocks of an MCU, at the most (T.81, B.2.3). More do not get here: see `Plan`.
pub(super) const MAX_MCU_BLOCKS: usize = 10;

/// What the blocks of one MCU take at the most: each 64 codes of 16 bits and as many values of 15.
const MCU_BYTES: usize = MAX_MCU_BLOCKS * 64 * 31 / 8;

/// What is held at a time.
const BUFFER_BYTES: usize = 64 * 1024;

/// What [`Bits`] may look at beyond the end.
const SLACK: [u8; 8] = [0; 8];

#[derive(Clone, Copy, Default)]
struct Place {
    at: usize,
    window: u64,
    len: u32,
}

impl<B: BufRead> EntropyCoded<B> {
    pub(super) fn new(source: B) -> Self {
        let (bytes, place) = (Vec::with_capacity(BUFFER_BYTES + SLACK.len()), Place::default());
        EntropyCoded { source, bytes, end: 0, marker: None, place }
    }

    /// Lends the bits out for one MCU.
    #[inline(always)]
    pub(super) fn mcu<T>(
        &mut self,
        decode: impl FnOnce(&mut Bits<'_>) -> Result<T, BadCode>,
    ) -> io::Result<T> {
        if self.place.at + MCU_BYTES > self.end && self.marker.is_none() {
            self.gather()?;
        }
        let mut bits = Bits { bytes: &self.bytes, place: self.place };
        let decoded = decode(&mut bits);
        self.place = bits.place;
        // Bits that are ready may be of bytes that are no longer held: `at` may be less than they are.
        if 8 * self.place.at > 8 * self.end + self.place.len as usize {
            return Err(io::Error::other("the pixels end before the picture does"));
        }
        decoded.map_err(|BadCode| io::Error::other("a code that no table has"))
    }

    /// Passes the restart marker of this number, which must be the next one.
    pub(super) fn restart(&mut self, number: u8) -> io::Result<()> {
        if self.next_marker()? != 0xD0 + number {
            return Err(io::Error::other("restart markers out of order"));
        }
        self.marker = None;
        Ok(())
    }

    /// Drops what is left of the bytes before the next marker, as libjpeg does.
    fn next_marker(&mut self) -> io::Result<u8> {
        self.bytes.clear();
        self.end = 0;
        self.place = Place::default();
        match self.marker {
            Some(marker) => Ok(marker),
            None => next_marker(&mut self.source)?.ok_or_else(cut_short),
        }
    }

    /// Fills the buffer, or as much of it as there are bytes before the next marker.
    fn gather(&mut self) -> io::Result<()> {
        self.bytes.drain(..self.place.at);
        self.place.at = 0;
        while self.bytes.len() < BUFFER_BYTES && self.marker.is_none() {
            let room = (BUFFER_BYTES - self.bytes.len()) as u64;
            let read = self.source.by_ref().take(room).read_until(0xFF, &mut self.bytes)?;
            if read == 0 {
                return Err(cut_short());
            }
            if self.bytes.last() == Some(&0xFF) {
                self.marker = self.after_ff()?;
            }
        }
        self.end = self.bytes.len();
        if self.marker.is_some() {
            self.end -= 1;
            self.bytes.truncate(self.end);
            self.bytes.extend(SLACK);
        }
        Ok(())
    }

    /// `None` if the 0xFF just read is one of the bytes, followed by a stuffed zero.
    fn after_ff(&mut self) -> io::Result<Option<u8>> {
        loop {
            let Some(&byte) = self.source.fill_buf()?.first() else { return Err(cut_short()) };
            self.source.consume(1);
            match byte {
                0x00 => return Ok(None),
                0xFF => {}
                marker => return Ok(Some(marker)),
            }
        }
    }
}

/// Bits, the first of a byte its highest. Beyond the end they are zeros, so that whoever takes too
/// many is found out afterwards.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    place: Place,
}

impl Bits<'_> {
    /// Makes at least 56 bits ready to be looked at and taken.
    #[inline(always)]
    pub(super) fn refill(&mut self) {
        let ahead = self.bytes.get(self.place.at..).and_then(<[u8]>::first_chunk);
        let word = u64::from_be_bytes(ahead.copied().unwrap_or_default());
        self.place.window |= word >> self.place.len;
        self.place.at += (63 - self.place.len as usize) >> 3;
        self.place.len |= 56;
    }

    /// The next `count` bits, 1 to 16, of those that are ready.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // 16 bits are left
    pub(super) fn peek(&self, count: u32) -> usize {
        (self.place.window >> (64 - count)) as usize
    }

    /// Takes bits that were looked at.
    #[inline(always)]
    pub(super) fn take(&mut self, count: u32) {
        self.place.window <<= count;
        self.place.len -= count;
    }
}

/// Bits that are no code of the table.
#[derive(Debug)]
pub(super) struct BadCode;
