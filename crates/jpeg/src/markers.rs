//! The walk over a JPEG's markers (T.81, annex B.1.1).
//!
//! A marker is 0xFF and a code. Most markers are followed by a segment: two bytes with its length, which count
//! themselves, and its body. The bytes of a scan follow its SOS segment without a length; in them, 0xFF is followed by
//! a stuffed 0x00.
//!
//! The functions take the next byte from a closure, because callers read from a stream, from the first bytes of a file,
//! or copy what they read. The closure returns `None` at the end.

use std::io::{self, BufRead};

use crate::icc;

/// Temporary marker of arithmetic coding; stands alone.
const TEM: u8 = 0x01;
/// The first of the eight restart markers, which stand alone.
pub const RST0: u8 = 0xD0;
/// The last of the eight restart markers.
pub const RST7: u8 = 0xD7;
/// Start of image; stands alone.
pub const SOI: u8 = 0xD8;
/// End of image; stands alone.
pub const EOI: u8 = 0xD9;
/// Start of scan.
pub const SOS: u8 = 0xDA;
/// Huffman tables.
pub const DHT: u8 = 0xC4;
/// Quantisation tables.
pub const DQT: u8 = 0xDB;
/// Restart interval.
pub const DRI: u8 = 0xDD;
/// Frame header of a baseline picture.
pub const SOF0: u8 = 0xC0;
/// Frame header of a sequential picture, which may have more tables than a baseline one.
pub const SOF1: u8 = 0xC1;
/// Frame header of a progressive picture.
pub const SOF2: u8 = 0xC2;
/// Frame header of a sequential picture with arithmetic coding.
pub const SOF9: u8 = 0xC9;
/// Frame header of a progressive picture with arithmetic coding.
pub const SOF10: u8 = 0xCA;
/// Conditioning of arithmetic coding.
pub const DAC: u8 = 0xCC;
/// The header of a hierarchical picture.
pub const DHP: u8 = 0xDE;
/// Frame header of JPEG-LS (ITU-T T.87).
pub const SOF55: u8 = 0xF7;
/// The first application segment: JFIF.
pub const APP0: u8 = 0xE0;
/// EXIF, among others.
pub const APP1: u8 = 0xE1;
/// ICC profiles, among others.
pub const APP2: u8 = 0xE2;
/// Adobe's colour transform.
pub const APP14: u8 = 0xEE;
/// The last application segment.
pub const APP15: u8 = 0xEF;
/// A comment.
pub const COM: u8 = 0xFE;

/// A marker, and the length of its segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marker {
    /// The byte after 0xFF.
    pub code: u8,
    /// The length as it is stored, including its own two bytes; `None` if the marker stands alone. Less than 2 is an
    /// error of the file.
    pub segment_len: Option<u16>,
}

/// Reads the next marker outside of a scan, and the length of its segment. Bytes before the marker are skipped, as
/// libjpeg does. `None` if the end comes first.
///
/// # Errors
/// If the stream cannot be read.
///
/// ```
/// use baseline_jpeg::markers::{APP0, Marker, next_marker};
///
/// let mut bytes = [0x17, 0xFF, 0xFF, 0xE0, 0x00, 0x10].into_iter();
/// let marker = next_marker(|| Ok::<_, ()>(bytes.next()));
/// assert_eq!(marker, Ok(Some(Marker { code: APP0, segment_len: Some(16) })));
/// ```
pub fn next_marker<E>(mut next_byte: impl FnMut() -> Result<Option<u8>, E>) -> Result<Option<Marker>, E> {
    let Some(code) = next_code(&mut next_byte)? else { return Ok(None) };
    if matches!(code, TEM | RST0..=EOI) {
        return Ok(Some(Marker { code, segment_len: None }));
    }
    let (Some(high), Some(low)) = (next_byte()?, next_byte()?) else { return Ok(None) };
    Ok(Some(Marker { code, segment_len: Some(u16::from_be_bytes([high, low])) }))
}

/// Reads the code of the next marker. All other bytes before it are skipped. `None` if the end comes first.
///
/// # Errors
/// If the stream cannot be read.
pub fn next_code<E>(mut next_byte: impl FnMut() -> Result<Option<u8>, E>) -> Result<Option<u8>, E> {
    loop {
        match next_byte()? {
            None => return Ok(None),
            Some(0xFF) => {}
            Some(_) => continue,
        }
        match code_after_ff(&mut next_byte)? {
            Some(STUFFED) => {}
            code => return Ok(code),
        }
    }
}

/// The byte that follows a 0xFF which belongs to the data of a scan.
pub const STUFFED: u8 = 0x00;

/// Reads the code that follows a 0xFF, after any number of further 0xFF, which are fill bytes: [`STUFFED`], or the code
/// of a marker. `None` if the end comes first.
///
/// # Errors
/// If the stream cannot be read.
pub fn code_after_ff<E>(mut next_byte: impl FnMut() -> Result<Option<u8>, E>) -> Result<Option<u8>, E> {
    loop {
        match next_byte()? {
            Some(0xFF) => {}
            code => return Ok(code),
        }
    }
}

/// Whether this is the code of a frame header, of any coding process. DHT, JPG and DAC lie in the
/// same range of codes, but are no frame headers.
pub fn is_frame_header(code: u8) -> bool {
    matches!(code, 0xC0..=0xCF) && !matches!(code, DHT | 0xC8 | 0xCC)
}

/// Whether a segment changes no pixel, so that no decoder needs it: a comment, or an application segment that is neither
/// JFIF, Adobe's colour transform nor a part of an ICC profile. EXIF is among them.
///
/// Of the segment's body, only the first bytes are needed: as many as [`icc::TAG`] has.
pub fn is_metadata(code: u8, body: &[u8]) -> bool {
    match code {
        APP0 => !body.starts_with(b"JFIF\0"),
        APP2 => !body.starts_with(icc::TAG),
        APP14 => !body.starts_with(b"Adobe"),
        APP0..=APP15 | COM => true,
        _ => false,
    }
}

/// The next byte of a stream; `None` at its end.
///
/// # Errors
/// If the stream cannot be read.
pub fn next_byte(source: &mut impl BufRead) -> io::Result<Option<u8>> {
    let byte = source.fill_buf()?.first().copied();
    source.consume(usize::from(byte.is_some()));
    Ok(byte)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_found_behind_whatever_precedes_it() {
        let alone = |code| Some(Marker { code, segment_len: None });
        let with_segment = |code, len| Some(Marker { code, segment_len: Some(len) });
        let cases: [(&[u8], Option<Marker>); 12] = [
            (b"", None),
            (b"\xFF", None),
            (b"\xFF\xFF", None),
            (b"\xFF\xD8", alone(SOI)),
            (b"\xFF\x01", alone(TEM)),
            (b"\xFF\xD7", alone(RST7)),
            (b"\xFF\xFF\xFF\xD9", alone(EOI)),
            (b"stray\xFF\0bytes\xFF\xD9", alone(EOI)),
            (b"\xFF\xDA\x00\x0C", with_segment(SOS, 12)),
            (b"\xFF\xE1\xFF\xFF", with_segment(APP1, 0xFFFF)),
            (b"\xFF\xFE\x00\x00", with_segment(COM, 0)),
            (b"\xFF\xDA\x00", None), // the length is incomplete
        ];
        for (bytes, expected) in cases {
            let mut source = bytes;
            let found = next_marker(|| next_byte(&mut source)).unwrap();
            assert_eq!(found, expected, "{bytes:x?}");
        }
    }
}
