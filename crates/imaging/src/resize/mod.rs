//! A region of a picture brought to a size by Lanczos3, as rows: `resample` does the arithmetic, on
//! strips that are kept small.
//!
//! First the rows, then the columns: that way the costlier pass over the columns has only as many
//! rows to do as there will be. Colours are weighted by their alpha, that is premultiplied before
//! and divided after, or what is invisible would bleed into the edges of what is not.

mod alpha;
mod columns;
mod lines;

use std::ops::Range;

use lines::Window;
use resample::{Pixel, Pixels};

use crate::decode::{Part, Picture, Region};
use crate::rows::{Channels, Depth, Layout, Rows};
use crate::{RenderError, Size, ycc};

/// Brings the picture to `size`, which is as stored, and planes together.
pub(crate) fn resize(picture: Picture<'_>, size: Size) -> Box<dyn Rows + '_> {
    match picture {
        Picture::Packed(part) => resize_part(part, size),
        // Rounded as luma and chroma, colours would lose more than they do as RGB.
        Picture::Ycc(planes, range) if are_alike(&planes) => {
            let region = planes[0].region;
            let rows = ycc::to_rgb(planes.map(|plane| plane.rows), range);
            resize_part(Part { rows, region }, size)
        }
        Picture::Ycc(planes, range) => {
            ycc::to_rgb(planes.map(|plane| resize_part(plane, size)), range)
        }
    }
}

fn are_alike([luma, chroma @ ..]: &[Part<'_>; 3]) -> bool {
    let is_alike =
        |plane: &Part<'_>| plane.region == luma.region && plane.rows.size() == luma.rows.size();
    chroma.iter().all(is_alike)
}

/// Of `source_len` rows or columns, those that are looked at to bring the `span` of them from
/// `start` to `len`.
pub(crate) fn needed(start: f64, span: f64, len: u32, source_len: u32) -> Range<u32> {
    Window::of(start, span, len, source_len).all()
}

/// Brings the region to `size`. Rows below the region are never pulled.
fn resize_part(part: Part<'_>, size: Size) -> Box<dyn Rows + '_> {
    let Part { rows, region } = part;
    if region == Region::whole(rows.size()) && rows.size() == size {
        return rows;
    }
    let needs_alpha = rows.layout().channels.has_alpha() && !region.is_of(size);

    let weighted = if needs_alpha { alpha::premultiply(rows) } else { rows };
    let (shortened, left) = lines::resize(weighted, region, size);
    let resized = columns::resize(shortened, left, region.width, size.width);
    if needs_alpha { alpha::divide(resized) } else { resized }
}

/// A strip's bytes, of which a plane gets a third: as a rule there are three, and while one strip is
/// filled, the rows of the other two wait.
fn share_of(strip_bytes: usize, layout: Layout) -> usize {
    if layout == Channels::Grey.eight() { strip_bytes / 3 } else { strip_bytes }
}

fn pixels(layout: Layout, size: Size, bytes: &mut [u8]) -> Pixels<'_> {
    let pixel = match (layout.channels, layout.depth) {
        (Channels::Grey, Depth::Eight) => Pixel::U8,
        (Channels::GreyAlpha, Depth::Eight) => Pixel::U8x2,
        (Channels::Rgb, Depth::Eight) => Pixel::U8x3,
        (Channels::Rgba | Channels::Cmyk, Depth::Eight) => Pixel::U8x4,
        (Channels::Grey, Depth::Sixteen) => Pixel::U16,
        (Channels::GreyAlpha, Depth::Sixteen) => Pixel::U16x2,
        (Channels::Rgb, Depth::Sixteen) => Pixel::U16x3,
        (Channels::Rgba | Channels::Cmyk, Depth::Sixteen) => Pixel::U16x4,
    };
    Pixels { pixel, width: size.width, height: size.height, bytes }
}

fn failed(reason: impl std::fmt::Display) -> RenderError {
    RenderError::encode("resizing", reason)
}

#[cfg(test)]
mod tests;
