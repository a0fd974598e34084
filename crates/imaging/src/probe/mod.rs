//! The header, from a source's first bytes: what it is, how large, which way up.
//!
//! The format is told by content, never by a name. Nothing is decoded here, and what the header
//! claims is not believed beyond what it is good for: limits are judged on it, and the decoder
//! checks it again. One file a format; each walks markers or chunks and says how far it would have
//! to read.

mod exif;
mod gif;
mod header_reader;
mod jpeg;
mod png;
pub(crate) mod riff;
mod signature;
mod vp8l;
mod webp;

pub use header_reader::{HeaderReader, HeaderStep};

use crate::catch_panic::catch_panic;
use crate::{Format, Orientation, Rejection, Size};
use signature::Signature;

/// What a picture says of itself before any of it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The format, by content.
    pub format: Format,
    /// The size as seen, orientation applied.
    pub size: Size,
    /// How the stored picture has to be turned.
    ///
    /// A WebP keeps its EXIF behind its pixels: it is upright unless the bytes given reach that
    /// far, and [`render`](crate::render()) (which reads all of it) turns it all the same. A PNG's
    /// counts where it stands before the pixels.
    ///
    pub orientation: Orientation,
    /// At least so many frames, as far as the bytes given tell; 1 for a still.
    pub frames: u32,
    /// What its pixels are, and what its decoder holds of them.
    pub pixels: Pixels,
    /// Bytes of the file before the pixels of a JPEG or PNG. 0 for a GIF, whose header is short, and for a WebP, which is
    /// read as a whole.
    pub header_len: u64,
    /// Bytes of memory that the decoder allocates for the header's content: tables of a JPEG, and the colour profile.
    pub header_memory: u64,
}

/// What a picture's pixels are once they are decoded, and what decoding them takes. Where the bytes
/// given don't reach far enough to tell, the worst is assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pixels {
    /// Bytes of one, from 1 (grey) to 8 (colour and alpha of 16 bits each).
    pub byte_len: u8,
    /// Whether any may be transparent.
    pub has_alpha: bool,
    /// Bytes that the decoder holds until the last one is out, whatever is made of them: the
    /// coefficients of a JPEG in several scans, all of an interlaced picture, what a WebP's
    /// lossless or transparent part is decoded into and its tables of codes. 0 where rows can flow.
    pub held: u64,
}

/// The outcome of a [`probe()`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// The header is complete.
    Header(Header),
    /// The header is longer than the bytes given: probe again with the source's first `byte_len`
    /// bytes.
    NeedMore {
        /// More than was given, and not more than the source has.
        byte_len: u64,
    },
}

/// Reads the header from `head`, the first bytes of a source that is `source_byte_len` long.
///
/// 64 KiB are enough for nearly every picture. The format is told by content.
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
/// - [`Rejection::NotAnImage`]: nothing we have heard of.
/// - [`Rejection::UnsupportedFormat`]: a picture, but none that we decode.
/// - [`Rejection::Corrupt`]: a header that makes no sense, or that the source ends before.
pub fn probe(head: &[u8], source_byte_len: u64) -> Result<Probe, Rejection> {
    let given = head.len() as u64;
    let source_byte_len = source_byte_len.max(given);
    if source_byte_len == 0 {
        return Err(Rejection::Empty);
    }
    match catch_panic(|| read_header(head, source_byte_len)) {
        Ok(header) => Ok(Probe::Header(header)),
        Err(Stop::Rejected(rejection)) => Err(rejection),
        Err(Stop::NeedMore { byte_len }) if byte_len > source_byte_len => {
            Err(Rejection::corrupt("the file ends within its header"))
        }
        Err(Stop::NeedMore { byte_len }) if byte_len > MAX_HEADER_BYTES => {
            Err(Rejection::corrupt(format_args!(
                "the header has at least {byte_len} bytes, more than the limit of {MAX_HEADER_BYTES}"
            )))
        }
        Err(Stop::NeedMore { byte_len }) => {
            // Each probe parses the header from its start. Because each step at least doubles the bytes, all
            // probes together parse at most twice as much as the last one.
            let step = given.max(MIN_STEP_BYTES);
            // A step asks for more than is needed, so the limit bounds the step and never rejects it.
            let most = source_byte_len.min(MAX_HEADER_BYTES);
            Ok(Probe::NeedMore { byte_len: byte_len.max((given + step).min(most)) })
        }
    }
}

/// The smallest number of bytes that is asked for in addition to those given, so that a header of many
/// small parts takes few requests.
const MIN_STEP_BYTES: u64 = 64 * 1024;

/// Limit on the bytes that are read to learn an image's size. The largest EXIF that cameras write is
/// some 100 kB, the largest colour profiles are a few MB. Phones put depth maps and previews of some MB
/// before the pixels.
const MAX_HEADER_BYTES: u64 = 16 * 1024 * 1024;

fn read_header(head: &[u8], source_byte_len: u64) -> Result<Header, Stop> {
    let head = HeaderBytes { bytes: head, source_byte_len };
    let format = match signature::of(&head)? {
        Signature::Supported(format) => format,
        Signature::Unsupported(found) => return Err(Rejection::unsupported(found).into()),
        Signature::Unknown => return Err(Rejection::NotAnImage.into()),
    };
    let stored = match format {
        Format::Jpeg => jpeg::read(&head)?,
        Format::Png => png::read(&head)?,
        Format::Webp => webp::read(&head)?,
        Format::Gif => gif::read(&head)?,
        Format::Avif => return Err(Rejection::unsupported("AVIF").into()),
    };
    if stored.size.width == 0 || stored.size.height == 0 {
        return Err(Rejection::corrupt("a side of the image is zero").into());
    }
    let Stored { size, orientation, frames, pixels, header_len, header_memory } = stored;
    let size = orientation.size(size);
    Ok(Header { format, size, orientation, frames, pixels, header_len, header_memory })
}

/// What a format's reader finds, sizes not yet oriented.
struct Stored {
    size: Size,
    orientation: Orientation,
    frames: u32,
    pixels: Pixels,
    header_len: u64,
    header_memory: u64,
}

/// Why a reader stopped early.
enum Stop {
    /// The source's first `byte_len` bytes are needed to go on.
    NeedMore {
        byte_len: u64,
    },
    Rejected(Rejection),
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Stop::Rejected(rejection)
    }
}

/// The first bytes of a source. Offsets are 64-bit and checked, since the lengths in a file are
/// anybody's.
struct HeaderBytes<'a> {
    bytes: &'a [u8],
    source_byte_len: u64,
}

impl<'a> HeaderBytes<'a> {
    /// `len` bytes from `at`.
    fn get(&self, at: u64, len: u64) -> Result<&'a [u8], Stop> {
        let end = at.saturating_add(len);
        let range = usize::try_from(at).ok().zip(usize::try_from(end).ok());
        range.and_then(|(at, end)| self.bytes.get(at..end)).ok_or(Stop::NeedMore { byte_len: end })
    }

    /// Those from `at` to `end` that were given.
    fn given(&self, at: u64, end: u64) -> &'a [u8] {
        let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX).min(self.bytes.len());
        self.bytes.get(place(at)..place(end)).unwrap_or_default()
    }

    fn u8(&self, at: u64) -> Result<u8, Stop> {
        self.get(at, 1).map(|bytes| bytes[0])
    }

    fn array<const N: usize>(&self, at: u64) -> Result<[u8; N], Stop> {
        let mut array = [0; N];
        array.copy_from_slice(self.get(at, N as u64)?);
        Ok(array)
    }
}

#[cfg(test)]
mod tests;
