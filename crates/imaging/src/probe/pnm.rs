//! PNM: PBM, PGM, PPM and PAM, plain and raw. The header is text, up to the first byte of the pixels.

use super::header::{DecodedPixels, StoredHeader};
use super::header_bytes::{HeaderBytes, MAX_HEADER_BYTES, Stop};
use crate::{Rejection, Size};

/// The header of a PNM.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PnmHeader {
    pub(crate) size: Size,
    pub(crate) encoding: PnmEncoding,
    /// Samples of a pixel: 1 (grey), 2 (grey and alpha), 3 (RGB) or 4 (RGBA).
    pub(crate) channels: u8,
    /// The level of white, 1 to 65,535.
    pub(crate) max_level: u16,
    /// The offset of the pixels.
    pub(crate) pixels_at: u64,
}

/// How the samples are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PnmEncoding {
    /// Decimal numbers.
    Plain,
    /// Digits 0 and 1, where 1 is black.
    PlainBits,
    /// Bytes, or two of them if `max_level` is above 255.
    Raw,
    /// Eight pixels per byte, where 1 is black.
    RawBits,
}

pub(super) fn read(header_bytes: &HeaderBytes<'_>) -> Result<StoredHeader, Stop> {
    let header = parse(header_bytes)?;
    let sample_bytes = if header.max_level > 255 { 2 } else { 1 };
    let has_alpha = header.channels % 2 == 0;
    // The bytes and the levels of a row.
    let decoder_bytes = 4 * u64::from(header.size.width) * u64::from(header.channels);
    let pixels = DecodedPixels { pixel_bytes: header.channels * sample_bytes, has_alpha, decoder_bytes };
    Ok(StoredHeader { header_len: header.pixels_at, ..StoredHeader::still(header.size, pixels) })
}

/// Reads a header that was read before.
pub(crate) fn parse_pnm(bytes: &[u8]) -> Option<PnmHeader> {
    parse(&HeaderBytes { bytes, distant: &[], source_byte_len: bytes.len() as u64 }).ok()
}

fn parse(header_bytes: &HeaderBytes<'_>) -> Result<PnmHeader, Stop> {
    let kind = header_bytes.u8(1)?;
    let mut text = Text { header_bytes, at: 2 };
    if kind == b'7' {
        return parse_pam(text);
    }
    let (width, height) = (text.number()?, text.number()?);
    let (encoding, channels) = match kind {
        b'1' => (PnmEncoding::PlainBits, 1),
        b'2' => (PnmEncoding::Plain, 1),
        b'3' => (PnmEncoding::Plain, 3),
        b'4' => (PnmEncoding::RawBits, 1),
        b'5' => (PnmEncoding::Raw, 1),
        _ => (PnmEncoding::Raw, 3),
    };
    let has_max_level = !matches!(encoding, PnmEncoding::PlainBits | PnmEncoding::RawBits);
    let max_level = if has_max_level { level(text.number()?)? } else { 1 };
    // One byte of white space is before the pixels.
    let pixels_at = text.at + 1;
    Ok(PnmHeader { size: Size::new(width, height), encoding, channels, max_level, pixels_at })
}

/// Reads the lines of a PAM. The number of channels says what they are, so the type is not needed.
fn parse_pam(mut text: Text<'_>) -> Result<PnmHeader, Stop> {
    let (mut width, mut height, mut depth, mut max_level) = (0, 0, 0, 0);
    loop {
        match text.word()? {
            b"WIDTH" => width = text.number()?,
            b"HEIGHT" => height = text.number()?,
            b"DEPTH" => depth = text.number()?,
            b"MAXVAL" => max_level = text.number()?,
            b"ENDHDR" => break,
            _ => text.skip_line()?,
        }
    }
    let channels = u8::try_from(depth)
        .ok()
        .filter(|channels| (1..=4).contains(channels))
        .ok_or_else(|| Rejection::unsupported(format!("PAM with {depth} channels")))?;
    let max_level = level(max_level)?;
    let size = Size::new(width, height);
    Ok(PnmHeader { size, encoding: PnmEncoding::Raw, channels, max_level, pixels_at: text.at + 1 })
}

fn level(number: u32) -> Result<u16, Rejection> {
    u16::try_from(number)
        .ok()
        .filter(|&level| level > 0)
        .ok_or_else(|| Rejection::corrupt(format_args!("the level of white is {number}, which must be 1 to 65,535")))
}

/// Words that are separated by white space and comments.
struct Text<'a> {
    header_bytes: &'a HeaderBytes<'a>,
    at: u64,
}

impl<'a> Text<'a> {
    fn word(&mut self) -> Result<&'a [u8], Stop> {
        // A word has no more bytes than this.
        const MAX_WORD_BYTES: u64 = 32;
        self.skip_blanks()?;
        let start = self.at;
        while !is_blank(self.header_bytes.u8(self.at)?) && self.at - start < MAX_WORD_BYTES {
            self.at += 1;
        }
        self.header_bytes.get(start, self.at - start)
    }

    fn number(&mut self) -> Result<u32, Stop> {
        let word = self.word()?;
        let number = std::str::from_utf8(word).ok().and_then(|digits| digits.parse().ok());
        number.ok_or_else(|| Rejection::corrupt("a number in the header is invalid").into())
    }

    /// Skips white space and comments.
    fn skip_blanks(&mut self) -> Result<(), Stop> {
        loop {
            match self.header_bytes.u8(self.at)? {
                b'#' => self.skip_line()?,
                byte if is_blank(byte) => self.at += 1,
                _ => return Ok(()),
            }
        }
    }

    fn skip_line(&mut self) -> Result<(), Stop> {
        let rest = self.header_bytes.available(self.at, MAX_HEADER_BYTES.saturating_add(self.at));
        match rest.iter().position(|&byte| byte == b'\n') {
            Some(len) => self.at += len as u64 + 1,
            None => return Err(Stop::NeedMore { byte_len: self.header_bytes.len() + 1 }),
        }
        Ok(())
    }
}

pub(crate) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0B | 0x0C | b'\r')
}
