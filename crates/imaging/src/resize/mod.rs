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

use crate::raster::{Channels, CroppedRows, Depth, PixelFormat, Raster, Region, Rows};
use crate::{RenderError, Size, ycc};

/// Brings the picture to `size`, which is as stored, and planes together.
pub(crate) fn resize(picture: Raster<'_>, size: Size) -> Box<dyn Rows + '_> {
    match picture {
        Raster::Packed(part) => resize_part(part, size),
        // Rounded as luma and chroma, colours would lose more than they do as RGB.
        Raster::Ycc(planes, range) if are_alike(&planes) => {
            let region = planes[0].region;
            let rows = ycc::to_rgb(planes.map(|plane| plane.rows), range);
            resize_part(CroppedRows { rows, region }, size)
        }
        Raster::Ycc(planes, range) => {
            ycc::to_rgb(planes.map(|plane| resize_part(plane, size)), range)
        }
    }
}

fn are_alike([luma, chroma @ ..]: &[CroppedRows<'_>; 3]) -> bool {
    let is_alike = |plane: &CroppedRows<'_>| {
        plane.region == luma.region && plane.rows.size() == luma.rows.size()
    };
    chroma.iter().all(is_alike)
}

/// Of `source_len` rows or columns, those that are looked at to bring the `span` of them from
/// `start` to `len`.
pub(crate) fn needed(start: f64, span: f64, len: u32, source_len: u32) -> Range<u32> {
    Window::of(start, span, len, source_len).all()
}

/// Brings the region to `size`. Rows below the region are never pulled.
fn resize_part(part: CroppedRows<'_>, size: Size) -> Box<dyn Rows + '_> {
    let CroppedRows { rows, region } = part;
    if region == Region::whole(rows.size()) && rows.size() == size {
        return rows;
    }
    let needs_alpha = rows.pixel_format().channels.has_alpha() && !region.has_size(size);

    let weighted = if needs_alpha { alpha::premultiply(rows) } else { rows };
    let (shortened, left) = lines::resize(weighted, region, size);
    let resized = columns::resize(shortened, left, region.width, size.width);
    if needs_alpha { alpha::divide(resized) } else { resized }
}

/// A strip's bytes, of which a plane gets a third: as a rule there are three, and while one strip is
/// filled, the rows of the other two wait.
fn share_of(strip_bytes: usize, pixel_format: PixelFormat) -> usize {
    if pixel_format == Channels::Grey.eight_bit() { strip_bytes / 3 } else { strip_bytes }
}

fn pixels(pixel_format: PixelFormat, size: Size, bytes: &mut [u8]) -> Pixels<'_> {
    let pixel = match (pixel_format.channels, pixel_format.depth) {
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
