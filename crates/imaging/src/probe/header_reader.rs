//! Reads a source's header step by step. The caller reads the bytes; this module decides which ones.
//!
//! The renderer, the pipeline (one ranged GET per step) and the command line all use it, so that they read the same bytes
//! under the same limit and give the same answer.

use std::io::{self, Read};
use std::ops::Range;

use super::header::Header;
use super::header_bytes::{DistantBytes, MAX_HEADER_BYTES};
use super::jpeg_metadata::JpegMetadata;
use super::read_header::{Progress, probe_pieces};
use crate::{Rejection, RenderError};

// Most headers fit in 64 KiB, so that most sources take one request.
const FIRST_READ_BYTES: u64 = 64 * 1024;

// Below, a copy costs little. Reserving 16 MiB for every picture made the allocator return memory to the kernel more often: a
// progressive JPEG took 10 % more time in a process that renders many.
const LONG_HEADER_BYTES: u64 = 1024 * 1024;

// Metadata is not kept, so its length has no limit but the file's. A step asks for three times what was read before, up to
// this: 20 MB take seven requests, and 100 MB seventeen.
const LONGEST_METADATA_STEP: u64 = 8 * 1024 * 1024;

// Bytes of a stream that are read before metadata is removed from them.
const METADATA_PIECE_BYTES: u64 = 128 * 1024;

/// Reads a header in steps: it holds the bytes read so far, and says which to read next.
///
/// Metadata of a JPEG (XMP, comments, all EXIF but the first) is read, but not kept: it may be as long as the file.
///
/// ```
/// use imaging::{HeaderReader, HeaderStep, Size, chart};
///
/// let source = chart::jpeg(Size::new(40, 30), Default::default());
/// let mut reader = HeaderReader::new(source.len() as u64);
/// let header = loop {
///     match reader.next_step()? {
///         HeaderStep::Complete(header) => break header,
///         HeaderStep::Read(range) => {
///             reader.append(&source[range.start as usize..range.end as usize]);
///         }
///     }
/// };
/// assert_eq!(header.size, Size::new(40, 30));
/// # Ok::<(), imaging::Rejection>(())
/// ```
#[derive(Debug)]
pub struct HeaderReader {
    /// What was read so far, without what was removed.
    bytes: Vec<u8>,
    metadata: JpegMetadata,
    /// Bytes of metadata that were read and removed.
    removed: u64,
    /// Bytes that do not follow the first ones. A stream has none: it is read up to what is needed.
    distant: Vec<DistantBytes>,
    /// `u64::MAX` until the end of a stream is reached.
    source_byte_len: u64,
    /// The range that was last asked for.
    wanted: Range<u64>,
}

/// What a [`HeaderReader`] needs to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderStep {
    /// Read these bytes of the source. Most often they follow the bytes read so far, but the header of some formats is
    /// at the end of the file. The range is not empty.
    Read(Range<u64>),
    /// The header is complete.
    Complete(Header),
}

impl HeaderReader {
    /// A reader for a source of this length, before its first byte was read.
    pub fn new(source_byte_len: u64) -> Self {
        let metadata = JpegMetadata::default();
        HeaderReader { bytes: Vec::new(), metadata, removed: 0, distant: Vec::new(), source_byte_len, wanted: 0..0 }
    }

    /// A reader for a stream of unknown length.
    pub(crate) fn of_stream() -> Self {
        HeaderReader::new(u64::MAX)
    }

    /// What to read next, or the header.
    ///
    /// # Errors
    /// The same as [`probe()`](crate::probe()). The message of a header that is longer than 16 MiB names the limit and what was found.
    pub fn next_step(&mut self) -> Result<HeaderStep, Rejection> {
        self.wanted = if self.position() == 0 && self.source_byte_len > 0 {
            0..FIRST_READ_BYTES.min(self.source_byte_len)
        } else {
            let source_byte_len = self.source_byte_len.saturating_sub(self.removed);
            match probe_pieces(&self.bytes, &self.distant, source_byte_len)? {
                Progress::Header(header) => return Ok(HeaderStep::Complete(header)),
                Progress::Need(range) if self.removed == 0 => range,
                Progress::Need(range) => self.metadata_step(range.end),
            }
        };
        Ok(HeaderStep::Read(self.wanted.clone()))
    }

    /// The next step of a JPEG with metadata, of which the first `byte_len` bytes without it are needed. More metadata is
    /// expected.
    fn metadata_step(&self, byte_len: u64) -> Range<u64> {
        let position = self.position();
        let step = (3 * position).min(LONGEST_METADATA_STEP);
        let needed = byte_len.saturating_add(self.removed);
        position..needed.max((position + step).min(self.source_byte_len))
    }

    /// The offset in the source after the first bytes that were read.
    fn position(&self) -> u64 {
        self.bytes.len() as u64 + self.removed
    }

    /// Adds the bytes of the range that [`next_step`](Self::next_step) asked for. Fewer bytes than that mean that the
    /// source ends with them.
    pub fn append(&mut self, bytes: &[u8]) {
        let at = self.wanted.start;
        if at == self.position() {
            self.reserve_for_header(self.bytes.len() as u64 + bytes.len() as u64);
            self.bytes.extend_from_slice(bytes);
            self.removed += self.metadata.remove_from(&mut self.bytes);
        } else if let Some(distant) = self.distant.iter_mut().find(|distant| distant.end() == at) {
            distant.bytes.extend_from_slice(bytes);
        } else {
            self.distant.push(DistantBytes { at, bytes: bytes.to_vec() });
        }
        self.note_end(at + bytes.len() as u64);
    }

    /// Reads the header from the start of a source.
    ///
    /// # Errors
    /// [`RenderError::Rejected`] as [`next_step`](Self::next_step), and [`RenderError::Read`].
    pub fn read_header(&mut self, source: &mut impl Read) -> Result<Header, RenderError> {
        loop {
            match self.next_step()? {
                HeaderStep::Complete(header) => return Ok(header),
                HeaderStep::Read(range) => {
                    self.reserve_for_header(range.end - self.removed);
                    self.read_to(source, range.end).map_err(RenderError::Read)?;
                }
            }
        }
    }

    /// Reads the source up to the offset `wanted`, or to its end.
    pub(crate) fn read_to(&mut self, source: &mut impl Read, wanted: u64) -> io::Result<()> {
        self.wanted = self.position()..wanted;
        loop {
            let missing = wanted.saturating_sub(self.position());
            let piece = if JpegMetadata::is_jpeg(&self.bytes) { missing.min(METADATA_PIECE_BYTES) } else { missing };
            self.reserve(self.bytes.len() as u64 + piece);
            let read = source.take(piece).read_to_end(&mut self.bytes)? as u64;
            self.removed += self.metadata.remove_from(&mut self.bytes);
            if read < piece || piece == missing {
                break;
            }
        }
        self.note_end(self.position());
        Ok(())
    }

    /// Makes room for `wanted` bytes of a header; if that is a long one, for the longest.
    ///
    /// A vector that grows is copied, so that its bytes are in memory twice: a PNG with 15 MB of text took 27 MB. Room
    /// that is not written takes no memory.
    fn reserve_for_header(&mut self, wanted: u64) {
        let longest = MAX_HEADER_BYTES.min(self.source_byte_len);
        self.reserve(if wanted > LONG_HEADER_BYTES { wanted.max(longest) } else { wanted });
    }

    /// Makes room for exactly `wanted` bytes. A vector that grows by itself reserves up to twice its length, which for a
    /// WebP of 68 MB was 134 MB.
    fn reserve(&mut self, wanted: u64) {
        let missing = wanted.saturating_sub(self.bytes.len() as u64);
        // If a false length is too large to reserve, the vector grows with the bytes that arrive.
        let _ = self.bytes.try_reserve_exact(usize::try_from(missing).unwrap_or(usize::MAX));
    }

    /// The bytes read so far, without a JPEG's metadata.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the whole source was read.
    pub(crate) fn is_at_end(&self) -> bool {
        self.position() >= self.source_byte_len
    }

    /// Ends the source after `byte_len` bytes.
    pub(crate) fn truncate(&mut self, byte_len: usize) {
        self.bytes.truncate(byte_len);
        self.source_byte_len = self.bytes.len() as u64;
    }

    /// The bytes read so far, without a JPEG's metadata.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Fewer bytes than were asked for, up to `end`, mean that the source ends there.
    fn note_end(&mut self, end: u64) {
        if end < self.wanted.end {
            self.source_byte_len = end;
        }
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{Encoding, Orientation, Size, chart};

    const SIZE: Size = Size::new(40, 30);

    /// A PNG with that many bytes of text before its pixels, in a file of 30 MB.
    fn png_with_text(text_len: usize) -> Vec<u8> {
        let png = chart::encoded(SIZE, Encoding::Png);
        let (header, pixels) = png.split_at(33);
        let len = u32::try_from(text_len).unwrap().to_be_bytes();
        let text = vec![b'a'; text_len];
        let mut source = [header, &len, b"tEXt", &text, &[0; 4], pixels].concat();
        source.resize(30_000_000, 0);
        source
    }

    /// A JPEG whose header has `byte_len` bytes of parts of a profile, or a few more.
    fn jpeg_with_header(byte_len: usize) -> Vec<u8> {
        let segment = [b"\xFF\xE2\xFF\xFFICC_PROFILE\0".as_slice(), &[0; 65_521]].concat();
        jpeg_with_segments(&segment, byte_len)
    }

    /// A JPEG with that many bytes of extended XMP, or a few more, before its frame header.
    fn jpeg_with_xmp(byte_len: usize) -> Vec<u8> {
        let segment = [b"\xFF\xE1\xFF\xFFhttp://ns.adobe.com/xmp/extension/\0".as_slice(), &[0xFF; 65_498]].concat();
        jpeg_with_segments(&segment, byte_len)
    }

    fn jpeg_with_segments(segment: &[u8], byte_len: usize) -> Vec<u8> {
        let jpeg = chart::jpeg(SIZE, Orientation::UPRIGHT);
        let (start, rest) = jpeg.split_at(2);
        [start, &segment.repeat(byte_len.div_ceil(segment.len())), rest].concat()
    }

    /// The ranges that are asked for, and the result.
    fn steps(source: &[u8]) -> (Vec<Range<u64>>, Result<Header, Rejection>) {
        let (mut reader, mut ranges) = (HeaderReader::new(source.len() as u64), Vec::new());
        loop {
            match reader.next_step() {
                Ok(HeaderStep::Read(range)) => {
                    reader.append(&source[range.start as usize..range.end as usize]);
                    ranges.push(range);
                }
                Ok(HeaderStep::Complete(header)) => return (ranges, Ok(header)),
                Err(rejection) => return (ranges, Err(rejection)),
            }
        }
    }

    #[test]
    fn a_stream_and_ranges_of_known_length_give_the_same_answer() {
        let jpeg = jpeg_with_header(200_000);
        let sources = [
            chart::encoded(SIZE, Encoding::WebpLossless),
            png_with_text(9_000_000),
            jpeg[..150_000].to_vec(),
            jpeg,
            jpeg_with_xmp(20_000_000),
            jpeg_with_xmp(20_000_000)[..19_000_000].to_vec(),
            jpeg_with_header(MAX_HEADER_BYTES as usize + 1),
            b"Dear Sir or Madam".to_vec(),
            Vec::new(),
        ];
        for source in sources {
            let (_, expected) = steps(&source);
            let streamed = HeaderReader::of_stream().read_header(&mut source.as_slice());
            match (streamed, expected) {
                (Ok(streamed), Ok(expected)) => assert_eq!(streamed, expected),
                (Err(RenderError::Rejected(streamed)), Err(expected)) => {
                    assert_eq!(streamed, expected);
                }
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_long_header_is_not_copied_while_it_is_read() {
        let png = chart::encoded(SIZE, Encoding::Png);
        let text = b"\0\0\0\x03tEXta\0b....".repeat(400_000);
        let source = [&png[..33], &text, &png[33..]].concat();
        let (mut reader, mut places) = (HeaderReader::new(source.len() as u64), Vec::new());
        while let HeaderStep::Read(range) = reader.next_step().unwrap() {
            reader.append(&source[range.start as usize..range.end as usize]);
            places.push(reader.bytes().as_ptr());
        }
        let long = &places[places.len() - 2..];
        assert!(places.len() > 4 && long[0] == long[1], "{places:?}");
    }

    #[test]
    fn a_png_with_9_mb_of_text_before_its_pixels_is_accepted() {
        let (ranges, header) = steps(&png_with_text(9_000_000));
        assert_eq!(header.unwrap().size, SIZE);
        // 8 bytes of signature, 25 of IHDR, 12 around the text, and 8 of the next chunk's length and name.
        assert_eq!(ranges, [0..65_536, 65_536..9_000_053]);
    }

    #[test]
    fn no_step_asks_for_more_than_the_limit() {
        let (ranges, rejection) = steps(&jpeg_with_header(MAX_HEADER_BYTES as usize + 1));
        assert_eq!(ranges.last().unwrap().end, MAX_HEADER_BYTES);
        let message = rejection.unwrap_err().to_string();
        // A marker of two bytes, 256 segments of 65,537 bytes, and one byte of the next segment.
        let expected = "the header has at least 16777475 bytes, more than the limit of 16777216";
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn metadata_of_any_length_is_read_in_few_steps_and_not_kept() {
        for (byte_len, steps_at_most) in [(100_000, 3), (20_000_000, 7), (100_000_000, 17)] {
            let source = jpeg_with_xmp(byte_len);
            let (ranges, header) = steps(&source);
            assert_eq!(header.unwrap().size, SIZE);
            assert!(ranges.len() <= steps_at_most, "{byte_len}: {ranges:?}");
            assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start), "{ranges:?}");
            let longest = ranges.iter().map(|range| range.end - range.start).max();
            assert!(longest <= Some(LONGEST_METADATA_STEP), "{ranges:?}");

            let mut reader = HeaderReader::of_stream();
            let header = reader.read_header(&mut source.as_slice()).unwrap();
            assert!(reader.bytes().len() < 300_000, "{} bytes were kept", reader.bytes().len());
            assert!(header.header_len < 1000, "{}", header.header_len);
        }
    }

    #[test]
    fn a_source_that_ends_early_is_corrupt() {
        let mut reader = HeaderReader::new(100_000);
        assert_eq!(reader.next_step(), Ok(HeaderStep::Read(0..65_536)));
        reader.append(&chart::jpeg(SIZE, Orientation::UPRIGHT)[..50]);
        let rejection = reader.next_step().unwrap_err();
        assert!(rejection.to_string().contains("ends within its header"), "{rejection}");
    }
}
