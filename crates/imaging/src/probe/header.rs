//! What is known of a picture before it is decoded.

use crate::{Format, Orientation, Size};

/// What a picture says of itself before any of it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// The format, detected by content.
    pub format: Format,
    /// The size after orientation.
    pub size: Size,
    /// The orientation of the stored pixels.
    ///
    /// WebP stores EXIF after the pixels. Its orientation is upright here unless the bytes given reach that far;
    /// [`render`](crate::render()) reads the whole file and orients it in any case. In a PNG, only EXIF before the
    /// pixels counts.
    pub orientation: Orientation,
    /// The number of frames found so far; the file may have more. 1 for a still.
    pub frames: u32,
    /// The decoded pixels.
    pub pixels: DecodedPixels,
    /// Bytes of the file before the pixels of a JPEG or PNG, without a JPEG's metadata, which is not kept. 0 for a GIF,
    /// whose header is short, and for a WebP, which is read as a whole.
    pub header_len: u64,
    /// Bytes of memory that the decoder allocates for the header's content: tables of a JPEG, and the colour profile.
    pub header_memory: u64,
}

/// The pixels that a decoder makes, and the memory it needs for them. Where the bytes given do not reach far enough to
/// know, the worst case is assumed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DecodedPixels {
    /// Bytes per pixel, from 1 (grey) to 8 (colour and alpha, 16 bits each).
    pub pixel_bytes: u8,
    /// Whether any pixel may be transparent.
    pub has_alpha: bool,
    /// Bytes that the decoder holds until the last row is out, at every size of the rendition: the coefficients of a
    /// JPEG with several scans, all pixels of an interlaced picture, the buffers and code tables of a lossless or
    /// transparent WebP. 0 if rows are streamed.
    pub decoder_bytes: u64,
}

/// The header as one format stores it. The size is the one before orientation.
pub(super) struct StoredHeader {
    pub(super) size: Size,
    pub(super) orientation: Orientation,
    pub(super) frames: u32,
    pub(super) pixels: DecodedPixels,
    pub(super) header_len: u64,
    pub(super) header_memory: u64,
}

impl StoredHeader {
    /// The header of a picture in this format.
    pub(super) fn into_header(self, format: Format) -> Header {
        let StoredHeader { size, orientation, frames, pixels, header_len, header_memory } = self;
        let size = orientation.size(size);
        Header { format, size, orientation, frames, pixels, header_len, header_memory }
    }

    /// The header of an upright still.
    pub(super) fn still(size: Size, pixels: DecodedPixels) -> Self {
        let orientation = Orientation::UPRIGHT;
        StoredHeader { size, orientation, frames: 1, pixels, header_len: 0, header_memory: 0 }
    }
}
