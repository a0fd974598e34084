//! The entropy-coded bytes of a scan, and the bits in them.

use std::io::{self, BufRead, Read};

use crate::error::ScanFault;
use crate::markers::{EOI, RST0, RST7, SOF0, STUFFED, code_after_ff, next_byte, next_code};

/// Reads the bytes of a scan up to the next marker, without the stuffed zeros.
pub(crate) struct EntropyReader<B> {
    source: B,
    /// Bytes up to `end`. Once `marker` is known, [`PADDING`] follows.
    bytes: Vec<u8>,
    end: usize,
    /// The code of the marker that follows the bytes, once it is known.
    marker: Option<u8>,
    position: BitPosition,
    /// Bytes read of the source.
    bytes_read: u64,
    /// Whether the source has ended. It is read as if an EOI marker followed.
    has_ended: bool,
}

/// Why an MCU or a restart marker was not read.
pub(crate) enum EntropyError {
    Read(io::Error),
    Fault(ScanFault),
}

impl From<io::Error> for EntropyError {
    fn from(error: io::Error) -> Self {
        EntropyError::Read(error)
    }
}

impl From<ScanFault> for EntropyError {
    fn from(fault: ScanFault) -> Self {
        EntropyError::Fault(fault)
    }
}

/// Blocks of an MCU, at most (T.81, B.2.3). [`JpegHeader::baseline_frame`](crate::JpegHeader::baseline_frame) checks it.
pub(crate) const MAX_MCU_BLOCKS: usize = 10;

/// Bytes of the longest MCU: each of its blocks has 64 codes of up to 16 bits, each with a value of up to 15 bits. The
/// buffer is filled once per MCU, and holds at least this much, so that nothing has to be checked within the MCU.
const MCU_BYTES: usize = MAX_MCU_BLOCKS * 64 * 31 / 8;

/// Bytes that are buffered at a time.
const BUFFER_BYTES: usize = 64 * 1024;

/// Follows the last byte before a marker, because [`BitReader::refill`] loads eight bytes at once.
const PADDING: [u8; 8] = [0; 8];

/// A position in the bytes, and the bits that were loaded before it.
#[derive(Clone, Copy, Default)]
struct BitPosition {
    /// The index of the next byte to load.
    next_byte: usize,
    /// The bits that are loaded and not consumed, from the highest bit down.
    window: u64,
    /// How many bits of `window` are valid.
    len: u32,
}

impl<B: BufRead> EntropyReader<B> {
    pub(crate) fn new(source: B) -> Self {
        let bytes = Vec::with_capacity(BUFFER_BYTES + PADDING.len());
        EntropyReader {
            source,
            bytes,
            end: 0,
            marker: None,
            position: BitPosition::default(),
            bytes_read: 0,
            has_ended: false,
        }
    }

    /// Bytes of the source before the next bit. Stuffed bytes in the buffer are not counted.
    pub(crate) fn offset(&self) -> u64 {
        let ahead = self.end.saturating_sub(self.position.next_byte) as u64 + u64::from(self.position.len / 8);
        self.bytes_read.saturating_sub(ahead)
    }

    /// Decodes one MCU: `decode` gets a reader of its bits. It is decoded even if there is a fault: missing bits are zeros.
    #[inline(always)]
    pub(crate) fn read_mcu(&mut self, decode: impl FnOnce(&mut BitReader<'_>)) -> Result<(), EntropyError> {
        if self.position.next_byte + MCU_BYTES > self.end && self.marker.is_none() {
            self.fill_buffer()?;
        }
        let mut bits = BitReader { bytes: &self.bytes, position: self.position, has_unknown_code: false };
        decode(&mut bits);
        self.position = bits.position;
        let has_unknown_code = bits.has_unknown_code;
        // More bits were consumed than there were. The unused bits are added on the right, not subtracted on the left,
        // because their bytes may be dropped already, and the difference would be negative.
        if 8 * self.position.next_byte > 8 * self.end + self.position.len as usize {
            return Err(if self.has_ended { ScanFault::Truncated } else { ScanFault::MissingData }.into());
        }
        if has_unknown_code { Err(ScanFault::UnknownCode.into()) } else { Ok(()) }
    }

    /// Moves past the restart marker of this number, 0 to 7, which must be the next marker.
    pub(crate) fn read_restart(&mut self, number: u8) -> Result<(), EntropyError> {
        self.skip_to_marker()?;
        if self.marker != Some(RST0 + number) {
            return Err(if self.has_ended { ScanFault::Truncated } else { ScanFault::RestartOrder }.into());
        }
        self.marker = None;
        Ok(())
    }

    /// Looks for the place to go on, after [`read_restart`](Self::read_restart) has found another marker, by the rules of
    /// libjpeg (`jpeg_resync_to_restart`). `true` if data follows; `false` if the marker belongs to a later place.
    pub(crate) fn resync(&mut self, number: u8) -> io::Result<bool> {
        loop {
            let marker = self.marker.unwrap_or(EOI);
            let ahead = marker.wrapping_sub(RST0).wrapping_sub(number) & 7;
            match marker {
                // Not a marker that a file may have here: an older one, or none at all.
                ..SOF0 => {}
                RST0..=RST7 if matches!(ahead, 6 | 7) => {}
                RST0..=RST7 if !matches!(ahead, 1 | 2) => {
                    self.marker = None;
                    return Ok(true);
                }
                _ => return Ok(false),
            }
            self.marker = Some(self.next_code()?);
        }
    }

    /// Drops the bytes before the next marker, as libjpeg does.
    fn skip_to_marker(&mut self) -> io::Result<()> {
        self.bytes.clear();
        self.end = 0;
        self.position = BitPosition::default();
        if self.marker.is_none() {
            self.marker = Some(self.next_code()?);
        }
        Ok(())
    }

    /// The code of the next marker of the source.
    fn next_code(&mut self) -> io::Result<u8> {
        let code = next_code(|| self.next_byte())?;
        self.has_ended |= code.is_none();
        Ok(code.unwrap_or(EOI))
    }

    /// The next byte of the source; `None` at its end.
    fn next_byte(&mut self) -> io::Result<Option<u8>> {
        let byte = next_byte(&mut self.source)?;
        self.bytes_read += u64::from(byte.is_some());
        Ok(byte)
    }

    /// Fills the buffer, or reads all bytes before the next marker if they are fewer.
    fn fill_buffer(&mut self) -> io::Result<()> {
        self.bytes.drain(..self.position.next_byte);
        self.position.next_byte = 0;
        while self.bytes.len() < BUFFER_BYTES && self.marker.is_none() {
            let room = (BUFFER_BYTES - self.bytes.len()) as u64;
            // `read_until` searches many bytes at once, and 0xFF is rare.
            let read = self.source.by_ref().take(room).read_until(0xFF, &mut self.bytes)?;
            if read == 0 {
                self.marker = Some(EOI);
                self.has_ended = true;
            }
            self.bytes_read += read as u64;
            if read > 0 && self.bytes.last() == Some(&0xFF) {
                self.marker = self.marker_after_ff()?;
                if self.marker.is_some() {
                    self.bytes.pop();
                }
            }
        }
        self.end = self.bytes.len();
        if self.marker.is_some() {
            self.bytes.extend(PADDING);
        }
        Ok(())
    }

    /// `None` if the 0xFF just read belongs to the data.
    fn marker_after_ff(&mut self) -> io::Result<Option<u8>> {
        let code = code_after_ff(|| self.next_byte())?;
        self.has_ended |= code.is_none();
        let code = code.unwrap_or(EOI);
        Ok((code != STUFFED).then_some(code))
    }
}

/// Reads bits, the highest bit of each byte first. After the last byte it returns zeros: [`EntropyReader::read_mcu`]
/// finds out afterwards whether too many bits were consumed.
pub(crate) struct BitReader<'a> {
    bytes: &'a [u8],
    position: BitPosition,
    has_unknown_code: bool,
}

impl BitReader<'_> {
    /// Loads bits, so that at least 56 may be peeked at and consumed.
    #[inline(always)]
    pub(crate) fn refill(&mut self) {
        let ahead = self.bytes.get(self.position.next_byte..).and_then(<[u8]>::first_chunk);
        let word = u64::from_be_bytes(ahead.copied().unwrap_or_default());
        // Without a branch: bits of a byte that is loaded in part are loaded again, to the same value.
        self.position.window |= word >> self.position.len;
        self.position.next_byte += (63 - self.position.len as usize) >> 3;
        self.position.len |= 56;
    }

    /// The next `count` bits, 1 to 16, which must be loaded.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation)] // 16 bits are left
    pub(crate) fn peek(&self, count: u32) -> usize {
        (self.position.window >> (64 - count)) as usize
    }

    /// Notes that bits match no code of their table.
    #[cold]
    pub(crate) fn note_unknown_code(&mut self) {
        self.has_unknown_code = true;
    }

    /// Moves past the next `count` bits, which must be loaded.
    #[inline(always)]
    pub(crate) fn consume(&mut self, count: u32) {
        self.position.window <<= count;
        self.position.len -= count;
    }
}
