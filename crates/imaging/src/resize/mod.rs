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

use fast_image_resize::PixelType;

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

fn pixel_type(layout: Layout) -> PixelType {
    match (layout.channels, layout.depth) {
        (Channels::Grey, Depth::Eight) => PixelType::U8,
        (Channels::GreyAlpha, Depth::Eight) => PixelType::U8x2,
        (Channels::Rgb, Depth::Eight) => PixelType::U8x3,
        (Channels::Rgba | Channels::Cmyk, Depth::Eight) => PixelType::U8x4,
        (Channels::Grey, Depth::Sixteen) => PixelType::U16,
        (Channels::GreyAlpha, Depth::Sixteen) => PixelType::U16x2,
        (Channels::Rgb, Depth::Sixteen) => PixelType::U16x3,
        (Channels::Rgba | Channels::Cmyk, Depth::Sixteen) => PixelType::U16x4,
    }
}

fn failed(reason: impl std::fmt::Display) -> RenderError {
    RenderError::encode("resizing", reason)
}

#[cfg(test)]
mod tests;
