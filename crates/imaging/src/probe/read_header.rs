//! Reads a header from bytes.

use std::ops::Range;

use super::header::Header;
use super::header_bytes::{DistantBytes, HeaderBytes, MAX_HEADER_BYTES, Stop};
use super::signature::{self, Signature};
use super::{bmp, gif, heif, ico, jpeg, png, pnm, qoi, tiff, webp};
use crate::catch_panic::catch_panic;
use crate::{Format, Rejection};

/// What [`probe_pieces`] found.
pub(super) enum Progress {
    Header(Header),
    /// These bytes of the source are needed to go on. The range is within the source, and not empty.
    Need(Range<u64>),
}

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
    Ok(match probe_pieces(bytes, &[], source_byte_len)? {
        Progress::Header(header) => Probe::Header(header),
        Progress::Need(Range { end, .. }) => Probe::NeedMore { byte_len: end },
    })
}

/// Reads the header from the first bytes of a source, and from bytes that were read further back.
pub(super) fn probe_pieces(
    bytes: &[u8],
    distant: &[DistantBytes],
    source_byte_len: u64,
) -> Result<Progress, Rejection> {
    let given = bytes.len() as u64;
    let source_byte_len = source_byte_len.max(given);
    if source_byte_len == 0 {
        return Err(Rejection::Empty);
    }
    let header_bytes = HeaderBytes { bytes, distant, source_byte_len };
    match catch_panic(|| read_header(&header_bytes)) {
        Ok(header) => Ok(Progress::Header(header)),
        Err(Stop::Rejected(rejection)) => Err(rejection),
        Err(Stop::NeedMore { byte_len: end } | Stop::NeedRange(Range { end, .. })) if end > source_byte_len => {
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
            Ok(Progress::Need(given..byte_len.max((given + step).min(most))))
        }
        Err(Stop::NeedRange(range)) => Ok(Progress::Need(distant_range(range, bytes, distant, source_byte_len)?)),
    }
}

/// The range to read, so that the bytes of `wanted` are there afterwards. It continues bytes that were read before if it
/// begins within them.
fn distant_range(
    wanted: Range<u64>,
    bytes: &[u8],
    distant: &[DistantBytes],
    source_byte_len: u64,
) -> Result<Range<u64>, Rejection> {
    let given = bytes.len() as u64;
    let pieces: u64 = distant.iter().map(|distant| distant.bytes.len() as u64).sum();
    let (start, read) = if wanted.start <= given {
        (given, given)
    } else {
        let continued = distant.iter().find(|distant| distant.at <= wanted.start && wanted.start <= distant.end());
        continued.map_or((wanted.start, 0), |distant| (distant.end(), distant.bytes.len() as u64))
    };
    let needed = pieces + (wanted.end - start);
    if needed > MAX_HEADER_BYTES || (start == wanted.start && distant.len() == MAX_PIECES) {
        return Err(Rejection::corrupt(format_args!(
            "the header has at least {needed} bytes in {} places, more than the limit of {MAX_HEADER_BYTES} in \
             {MAX_PIECES}",
            distant.len() + 1,
        )));
    }
    let step = read.max(MIN_STEP_BYTES).min(MAX_HEADER_BYTES - pieces);
    Ok(start..wanted.end.max((start + step).min(source_byte_len)))
}

/// Limit on the places of a header that are read separately.
// Each place takes a request. A TIFF has its directory and a few long values.
const MAX_PIECES: usize = 32;

// A header can have many small parts. Asking for at least this many bytes at a time keeps requests few: a JPEG with a
// million segments of 4 bytes takes seven.
const MIN_STEP_BYTES: u64 = 64 * 1024;

fn read_header(header_bytes: &HeaderBytes<'_>) -> Result<Header, Stop> {
    let format = match signature::detect(header_bytes)? {
        Signature::Supported(format) => format,
        Signature::Heif => {
            let (format, stored) = heif::read(header_bytes)?;
            return Ok(stored.into_header(format));
        }
        Signature::Unsupported(found) => return Err(Rejection::unsupported(found).into()),
    };
    let stored = match format {
        Format::Jpeg => jpeg::read(header_bytes)?,
        Format::Png => png::read(header_bytes)?,
        Format::Webp => webp::read(header_bytes)?,
        Format::Gif => gif::read(header_bytes)?,
        Format::Bmp => bmp::read(header_bytes)?,
        Format::Ico => ico::read(header_bytes)?,
        Format::Qoi => qoi::read(header_bytes)?,
        Format::Pnm => pnm::read(header_bytes)?,
        Format::Tiff => tiff::read(header_bytes)?,
        Format::Avif | Format::Heic => return Err(Rejection::unsupported(format.name()).into()),
    };
    if stored.size.width == 0 || stored.size.height == 0 {
        return Err(Rejection::corrupt("a side of the image is zero").into());
    }
    Ok(stored.into_header(format))
}

/// How many bytes of a file its decoder reads, if it needs all of them in memory. `bytes` contain the whole header. With
/// more bytes, the result may be larger.
pub(crate) fn file_end(format: Format, bytes: &[u8]) -> Option<u64> {
    let header_bytes = HeaderBytes { bytes, distant: &[], source_byte_len: bytes.len() as u64 };
    match format {
        Format::Ico => ico::picture_end(&header_bytes),
        Format::Tiff => tiff::data_end(&header_bytes),
        _ => None,
    }
}
