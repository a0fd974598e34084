//! Bytes to pixels: one file a format, each as rows of what is stored.
//!
//! A decoder may hand out a picture smaller than it is stored, where that is cheaper than decoding
//! every pixel, as long as clearly more of it is left than the rendition needs.

pub(crate) mod animation;
mod gif;
mod jpeg;
mod png;
mod webp;

pub use jpeg::JpegDecoder;

use std::io::Read;

use crate::geometry::Rect;
use crate::raster::{CroppedRows, Raster, Region, Rows};
use crate::source::Source;
use crate::{Format, Header, Rejection, RenderError, Size};

/// A picture as it is stored, and what has to be known to go on with it.
pub(crate) struct Decoded<'a> {
    pub(crate) picture: Raster<'a>,
    /// The ICC profile that their colours are in, unchecked; without one they are in sRGB.
    pub(crate) profile: Option<Vec<u8>>,
}

/// Opens a source for its pixels: of `crop`, enough are wanted to make `size` px, both as stored.
pub(crate) fn decode<'a, R: Read + 'a>(
    source: Source<R>,
    header: &Header,
    crop: Rect,
    size: Size,
    jpeg_decoder: JpegDecoder,
) -> Result<Decoded<'a>, RenderError> {
    match header.format {
        Format::Jpeg => jpeg::decode(source, crop, size, jpeg_decoder),
        Format::Png => png::decode(source, header, crop),
        Format::Webp => webp::decode(source, header, crop, size),
        Format::Gif => gif::decode(source, crop),
        Format::Avif => Err(Rejection::unsupported("AVIF").into()),
    }
}

/// The size at which a picture comes out of its decoder where of `crop`, enough is wanted to make
/// `size` px, all as stored.
pub(crate) fn decoded_size(header: &Header, crop: Rect, size: Size) -> Size {
    let stored = header.orientation.size(header.size);
    match header.format {
        Format::Jpeg => {
            let eighths = u64::from(jpeg::eighths(crop.size, size));
            let scaled = |side: u32| (u64::from(side) * eighths).div_ceil(8);
            let side = |side: u32| u32::try_from(scaled(side)).unwrap_or(side);
            Size::new(side(stored.width), side(stored.height))
        }
        Format::Webp if webp::is_worth_scaling(header.pixels.has_alpha, crop.size, size) => {
            webp::half_done(size)
        }
        _ => stored,
    }
}

/// Bytes that a decoder holds whole, of a file and of its picture, beyond what it always holds of such
/// pixels.
pub(crate) fn held_whole(header: &Header, byte_len: u64, crop: Rect, size: Size) -> u64 {
    let decoded = decoded_size(header, crop, size).pixels() * u64::from(header.pixels.byte_len);
    match header.format {
        Format::Webp if webp::are_planes_worth_it(header.pixels.has_alpha, crop.size, size) => {
            // Of a lossless picture there are none; its header is not looked at so closely.
            byte_len + decoded.max(webp::planes_bytes(crop.size))
        }
        Format::Webp => byte_len + decoded,
        // What stands between its scans may be kept until the last.
        Format::Jpeg if header.pixels.held > 0 => byte_len,
        _ => 0,
    }
}

impl<'a> Decoded<'a> {
    pub(crate) fn packed(
        rows: Box<dyn Rows + 'a>,
        region: Region,
        profile: Option<Vec<u8>>,
    ) -> Self {
        Decoded { picture: Raster::Packed(CroppedRows { rows, region }), profile }
    }
}
