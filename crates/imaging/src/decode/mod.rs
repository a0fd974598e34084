//! Bytes to pixels, with one file per format. Each decoder returns rows of the picture as it is stored.
//!
//! A decoder may return a smaller picture than the stored one if that is cheaper than decoding every pixel. It keeps
//! clearly more pixels than the rendition needs.

pub(crate) mod animation;
mod bmp;
mod decoded;
mod gif;
mod heif;
mod ico;
pub(crate) mod jpeg;
mod png;
mod pnm;
mod qoi;
mod tiff;
mod webp;

pub(crate) use decoded::Decoded;
pub use jpeg::JpegDecoder;

use std::io::Read;

use crate::geometry::Rect;
use crate::source_reader::SourceReader;
use crate::time_budget::TimeBudget;
use crate::{Format, Header, RenderError, Size};

/// Decodes a source. The result may be at a smaller scale, but has enough pixels to resize `crop` to `size`. Both are in
/// px of the stored picture.
pub(crate) fn decode<'a, R: Read + 'a>(
    source: SourceReader<R>,
    header: &Header,
    crop: Rect,
    size: Size,
    jpeg_decoder: JpegDecoder,
    budget: &TimeBudget,
) -> Result<Decoded<'a>, RenderError> {
    match header.format {
        Format::Jpeg => jpeg::decode(source, crop, size, jpeg_decoder),
        Format::Png => png::decode(source, header, crop),
        Format::Webp => webp::decode(source, header, crop, size),
        Format::Gif => gif::decode(source, header, crop),
        Format::Heic | Format::Avif => heif::decode(source, crop, size, budget),
        Format::Bmp => bmp::decode(source, crop),
        Format::Ico => ico::decode(source, crop),
        Format::Qoi => qoi::decode(source, header, crop),
        Format::Pnm => pnm::decode(source, crop),
        Format::Tiff => tiff::decode(source, crop, budget),
    }
}

/// The size of the picture that [`decode`] returns for the same `crop` and `size`.
pub(crate) fn decoded_size(header: &Header, crop: Rect, size: Size) -> Size {
    let stored = header.orientation.size(header.size);
    match header.format {
        Format::Jpeg => {
            let eighths = u64::from(jpeg::eighths(crop.size, size));
            let scaled = |side: u32| (u64::from(side) * eighths).div_ceil(8);
            let side = |side: u32| u32::try_from(scaled(side)).unwrap_or(side);
            Size::new(side(stored.width), side(stored.height))
        }
        Format::Webp if webp::uses_scaler(header.pixels.has_alpha, crop.size, size) => webp::scaler_size(size),
        _ => stored,
    }
}

/// Bytes of the file, and of decoded pixels, that a decoder holds as a whole for this `crop` and `size`, in addition to
/// [`decoder_bytes`](crate::DecodedPixels::decoder_bytes).
pub(crate) fn unstreamed_bytes(header: &Header, byte_len: u64, crop: Rect, size: Size) -> u64 {
    let decoded = decoded_size(header, crop, size).pixels() * u64::from(header.pixels.pixel_bytes);
    match header.format {
        Format::Webp if webp::uses_planes(header.pixels.has_alpha, crop.size, size) => {
            // A lossless picture has no planes, but the header does not say whether the picture is lossless.
            byte_len + decoded.max(webp::plane_bytes(crop.size))
        }
        Format::Webp => byte_len + decoded,
        // Strips and tiles may be in any order.
        Format::Tiff => byte_len,
        // The file, and a copy of a PNG inside.
        Format::Ico => 2 * byte_len,
        // libjpeg may keep what is stored between the scans until the last scan.
        Format::Jpeg if header.pixels.decoder_bytes > 0 => byte_len,
        _ => 0,
    }
}
