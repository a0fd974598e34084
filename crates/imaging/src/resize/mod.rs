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

use fast_image_resize::images::TypedImage;
use fast_image_resize::pixels::{U8, U8x2, U8x3, U8x4, U16, U16x2, U16x3, U16x4};
use fast_image_resize::{PixelTrait, ResizeOptions, Resizer};

use crate::decode::Region;
use crate::rows::{Channels, Depth, Layout, Rows};
use crate::{RenderError, Size};

/// Brings the region to `size`, which is as stored. Rows below the region are never pulled.
pub(crate) fn resize<'a>(
    rows: Box<dyn Rows + 'a>,
    region: Region,
    size: Size,
) -> Box<dyn Rows + 'a> {
    if region == Region::whole(rows.size()) && rows.size() == size {
        return rows;
    }
    let needs_alpha = rows.layout().channels.has_alpha() && !region.is_of(size);

    let weighted = if needs_alpha { alpha::premultiply(rows) } else { rows };
    let (shortened, left) = lines::resize(weighted, region, size);
    let resized = columns::resize(shortened, left, region.width, size.width);
    if needs_alpha { alpha::divide(resized) } else { resized }
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
