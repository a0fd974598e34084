//! A region of a picture brought to a size by Lanczos3, as rows: `fast_image_resize` does the
//! arithmetic, on strips that are kept small.
//!
//! First the rows, then the columns: that way the costlier pass over the columns has only as many
//! rows to do as there will be. Colours are weighted by their alpha, that is premultiplied before
//! and divided after, or what is invisible would bleed into the edges of what is not.

mod alpha;
mod columns;
mod lanczos;
mod lines;

use std::ops::Range;

use fast_image_resize::images::TypedImage;
use fast_image_resize::pixels::{U8, U8x2, U8x3, U8x4, U16, U16x2, U16x3, U16x4};
use fast_image_resize::{PixelTrait, ResizeOptions, Resizer};
use lines::Window;

use crate::decode::{Part, Picture, Region};
use crate::rows::{Channels, Depth, Layout, Rows};
use crate::{RenderError, Size, ycc};

/// Brings the picture to `size`, which is as stored, and planes together.
pub(crate) fn resize(picture: Picture<'_>, size: Size) -> Box<dyn Rows + '_> {
    match picture {
        Picture::Packed(part) => resize_part(part, size),
        // Rounded as luma and chroma, colours would lose more than they do as RGB.
        Picture::Ycc(planes) if are_alike(&planes) => {
            let region = planes[0].region;
            let rows = ycc::to_rgb(planes.map(|plane| plane.rows));
            resize_part(Part { rows, region }, size)
        }
        Picture::Ycc(planes) => ycc::to_rgb(planes.map(|plane| resize_part(plane, size))),
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

/// One pass of `fast_image_resize`, from pixels of one size to pixels of another.
///
/// By typed pixels, of which there are eight kinds here, and from and into one kind of container:
/// what it could do beside that would double its size, and be the largest thing in the binary.
fn convolve(
    resizer: &mut Resizer,
    layout: Layout,
    from: (Size, &mut [u8]),
    to: (Size, &mut [u8]),
    options: &ResizeOptions,
) -> Result<(), RenderError> {
    match (layout.channels, layout.depth) {
        (Channels::Grey, Depth::Eight) => convolve_typed::<U8>(resizer, from, to, options),
        (Channels::GreyAlpha, Depth::Eight) => convolve_typed::<U8x2>(resizer, from, to, options),
        (Channels::Rgb, Depth::Eight) => convolve_typed::<U8x3>(resizer, from, to, options),
        (Channels::Rgba | Channels::Cmyk, Depth::Eight) => {
            convolve_typed::<U8x4>(resizer, from, to, options)
        }
        (Channels::Grey, Depth::Sixteen) => convolve_typed::<U16>(resizer, from, to, options),
        (Channels::GreyAlpha, Depth::Sixteen) => {
            convolve_typed::<U16x2>(resizer, from, to, options)
        }
        (Channels::Rgb, Depth::Sixteen) => convolve_typed::<U16x3>(resizer, from, to, options),
        (Channels::Rgba | Channels::Cmyk, Depth::Sixteen) => {
            convolve_typed::<U16x4>(resizer, from, to, options)
        }
    }
}

fn convolve_typed<P: PixelTrait>(
    resizer: &mut Resizer,
    (from_size, from): (Size, &mut [u8]),
    (to_size, to): (Size, &mut [u8]),
    options: &ResizeOptions,
) -> Result<(), RenderError> {
    let from = TypedImage::<P>::from_buffer(from_size.width, from_size.height, from);
    let to = TypedImage::<P>::from_buffer(to_size.width, to_size.height, to);
    let (from, mut to) = (from.map_err(failed)?, to.map_err(failed)?);
    resizer.resize_typed(&from, &mut to, options).map_err(failed)
}

fn failed(reason: impl std::fmt::Display) -> RenderError {
    RenderError::encode("resizing", reason)
}

#[cfg(test)]
mod tests;
