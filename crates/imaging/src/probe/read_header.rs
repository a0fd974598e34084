//! Reads a header from bytes.

use super::header::{Header, StoredHeader};
use super::header_bytes::{HeaderBytes, MAX_HEADER_BYTES, Stop};
use super::signature::{self, Signature};
use super::{gif, jpeg, png, webp};
use crate::catch_panic::catch_panic;
use crate::{Format, Rejection};

/// The result of [`probe()`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// The header is complete.
    Header(Header),
    /// The header is longer than the bytes given. Probe again with the source's first `byte_len` bytes.
    NeedMore {
        /// More bytes than were given, and at most as many as the source has.
        byte_len: u64,
    },
}

/// Reads the header from the first bytes of a source that is `source_byte_len` long.
///
/// [`HeaderReader`](crate::HeaderReader) also says which bytes to read.
///
/// 64 KiB are enough for nearly every picture.
///
/// ```
/// use imaging::{Probe, RejectionCode, probe};
///
/// assert_eq!(probe(b"GIF89a", 900)?, Probe::NeedMore { byte_len: 900 });
/// assert_eq!(probe(b"Dear Sir or Madam,", 18).unwrap_err().code(), RejectionCode::NotAnImage);
/// # Ok::<(), imaging::Rejection>(())
/// ```
///
/// # Errors
/// - [`Rejection::Empty`]: the source has no bytes.
/// - [`Rejection::NotAnImage`]: no known format.
/// - [`Rejection::UnsupportedFormat`]: a known format that is not decoded here.
/// - [`Rejection::Corrupt`]: the header is invalid, is longer than 16 MiB, or the source ends before it does.
pub fn probe(bytes: &[u8], source_byte_len: u64) -> Result<Probe, Rejection> {
    let given = bytes.len() as u64;
    let source_byte_len = source_byte_len.max(given);
    if source_byte_len == 0 {
        return Err(Rejection::Empty);
    }
    match catch_panic(|| read_header(bytes, source_byte_len)) {
        Ok(header) => Ok(Probe::Header(header)),
        Err(Stop::Rejected(rejection)) => Err(rejection),
        Err(Stop::NeedMore { byte_len }) if byte_len > source_byte_len => {
            Err(Rejection::corrupt("the file ends within its header"))
        }
        Err(Stop::NeedMore { byte_len }) if byte_len > MAX_HEADER_BYTES => Err(Rejection::corrupt(format_args!(
            "the header has at least {byte_len} bytes, more than the limit of {MAX_HEADER_BYTES}"
        ))),
        Err(Stop::NeedMore { byte_len }) => {
            // Each probe parses the header from its start. Each step at least doubles the bytes, so that all probes
            // together parse at most twice as much as the last one.
            let step = given.max(MIN_STEP_BYTES);
            // A step asks for more than is needed. The limit shortens the step; it does not reject the header.
            let most = source_byte_len.min(MAX_HEADER_BYTES);
            Ok(Probe::NeedMore { byte_len: byte_len.max((given + step).min(most)) })
        }
    }
}

// A header can have many small parts. Asking for at least this many bytes at a time keeps requests few: a JPEG with a
// million segments of 4 bytes takes seven.
const MIN_STEP_BYTES: u64 = 64 * 1024;

fn read_header(bytes: &[u8], source_byte_len: u64) -> Result<Header, Stop> {
    let header_bytes = HeaderBytes { bytes, source_byte_len };
    let format = match signature::detect(&header_bytes)? {
        Signature::Supported(format) => format,
        Signature::Unsupported(found) => return Err(Rejection::unsupported(found).into()),
        Signature::Unknown => return Err(Rejection::NotAnImage.into()),
    };
    let stored = match format {
        Format::Jpeg => jpeg::read(&header_bytes)?,
        Format::Png => png::read(&header_bytes)?,
        Format::Webp => webp::read(&header_bytes)?,
        Format::Gif => gif::read(&header_bytes)?,
        Format::Avif => return Err(Rejection::unsupported("AVIF").into()),
    };
    if stored.size.width == 0 || stored.size.height == 0 {
        return Err(Rejection::corrupt("a side of the image is zero").into());
    }
    let StoredHeader { size, orientation, frames, pixels, header_len, header_memory } = stored;
    let size = orientation.size(size);
    Ok(Header { format, size, orientation, frames, pixels, header_len, header_memory })
}
