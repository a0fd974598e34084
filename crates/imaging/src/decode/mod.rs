//! Bytes to pixels: one file a format, each as rows of what is stored.
//!
//! A decoder may hand out a picture smaller than it is stored, where that is cheaper than decoding
//! every pixel, as long as clearly more of it is left than the rendition needs.

pub(crate) mod animation;
mod gif;
mod jpeg;
mod png;
mod webp;

pub(crate) use jpeg::PROFILE_TAG;

use std::io::Read;

use crate::geometry::Rect;
use crate::rows::Rows;
use crate::source::Source;
use crate::ycc::Range;
use crate::{Format, Header, Rejection, RenderError, Size};

/// A picture as it is stored, and what has to be known to go on with it.
pub(crate) struct Decoded<'a> {
    pub(crate) picture: Picture<'a>,
    /// The ICC profile that their colours are in, unchecked; without one they are in sRGB.
    pub(crate) profile: Option<Vec<u8>>,
}

pub(crate) enum Picture<'a> {
    /// All channels of a pixel side by side.
    Packed(Part<'a>),
    /// Luma and the two of chroma, each of its own size, to be resized apart.
    Ycc([Part<'a>; 3], Range),
}

/// Rows, and where in them the part is that is wanted.
pub(crate) struct Part<'a> {
    pub(crate) rows: Box<dyn Rows + 'a>,
    pub(crate) region: Region,
}

/// A part of a decoded picture, in px of it; not whole ones where it was decoded at a smaller
/// scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Region {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// A colour profile that is longer is none: a printer's has some 2 MB. Who pays for the memory is not
/// to be the picture's choice.
pub(crate) const MAX_PROFILE_BYTES: usize = 4 << 20;

/// Opens a source for its pixels: of `crop`, enough are wanted to make `size` px, both as stored.
pub(crate) fn decode<'a, R: Read + 'a>(
    source: Source<R>,
    header: &Header,
    crop: Rect,
    size: Size,
) -> Result<Decoded<'a>, RenderError> {
    match header.format {
        Format::Jpeg => jpeg::decode(source, crop, size),
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
        Decoded { picture: Picture::Packed(Part { rows, region }), profile }
    }
}

impl Region {
    pub(crate) fn whole(size: Size) -> Self {
        Region::at_full_scale(Rect::whole(size))
    }

    pub(crate) fn at_full_scale(crop: Rect) -> Self {
        Region::at_scale(crop, 8)
    }

    /// Whether it has so many pixels already.
    pub(crate) fn is_of(self, size: Size) -> bool {
        self.width == f64::from(size.width) && self.height == f64::from(size.height)
    }

    /// Of a picture that was decoded at `eighths` of its size.
    fn at_scale(crop: Rect, eighths: u8) -> Self {
        let scale = f64::from(eighths) / 8.0;
        let [left, top] = [crop.x, crop.y].map(|at| f64::from(at) * scale);
        let [width, height] =
            [crop.size.width, crop.size.height].map(|side| f64::from(side) * scale);
        Region { left, top, width, height }
    }
}
