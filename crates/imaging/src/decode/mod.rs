//! Bytes to pixels: one file a format, each as rows, in 8-bit sRGB.
//!
//! A decoder may hand out a picture smaller than it is stored, where that is cheaper than decoding
//! every pixel, as long as there is twice as much of it left as the rendition needs.

mod gif;
mod jpeg;
mod png;
mod webp;

use std::io::Read;

use crate::geometry::Rect;
use crate::rows::{Frame, Rows};
use crate::source::Source;
use crate::{Format, Header, RenderError, Size};

/// Rows of a picture as it is stored, and where in them the part is that is wanted.
pub(crate) struct Decoded<'a> {
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

/// Opens a source for its pixels: of `crop`, enough are wanted to make `size` px, both as stored.
pub(crate) fn decode<'a, R: Read + 'a>(
    source: Source<R>,
    header: &Header,
    crop: Rect,
    size: Size,
) -> Result<Decoded<'a>, RenderError> {
    let whole_scale = |rows| Decoded { rows, region: Region::scaled(crop, 1, 1) };
    match header.format {
        Format::Jpeg => jpeg::decode(source, crop, size),
        Format::Png => png::decode(source).map(whole_scale),
        Format::Webp => webp::decode(source, header).map(whole_scale),
        Format::Gif => gif::decode(source).map(whole_scale),
    }
}

impl Region {
    pub(crate) fn whole(size: Size) -> Self {
        Region::scaled(Rect::whole(size), 1, 1)
    }

    fn scaled(crop: Rect, numerator: u8, denominator: u8) -> Self {
        let scale = f64::from(numerator) / f64::from(denominator);
        let [left, top] = [crop.x, crop.y].map(|at| f64::from(at) * scale);
        let [width, height] =
            [crop.size.width, crop.size.height].map(|side| f64::from(side) * scale);
        Region { left, top, width, height }
    }
}

/// A frame that a decoder made whole.
fn whole<'a>(frame: Frame) -> Box<dyn Rows + 'a> {
    Box::new(frame)
}
