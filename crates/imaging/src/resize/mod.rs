//! Resizes a region of a picture with Lanczos3. The `resample` crate does the arithmetic on small strips of rows.
//!
//! The vertical pass comes first. The horizontal pass costs more per row, and after the vertical pass there are as few
//! rows as in the rendition.
//!
//! Colours are multiplied by alpha before resampling and divided by it afterwards. Otherwise the colour of transparent
//! pixels bleeds into visible edges.

mod alpha;
mod filter_window;
mod horizontal;
mod strip;
mod vertical;

use std::ops::Range;

use filter_window::FilterWindow;

use crate::raster::{Raster, Region, Rows, RowsToCrop};
use crate::{Size, ycc};

/// Resizes the picture to `size`, which is the size before orientation. Planes become RGB.
pub(crate) fn resize(raster: Raster<'_>, size: Size) -> Box<dyn Rows + '_> {
    match raster {
        Raster::Packed(packed) => resize_rows(packed, size),
        // Planes of equal size become RGB before resizing: luma and chroma that are rounded after resizing lose more
        // of the colour.
        Raster::Ycc(planes, coding) if have_equal_regions(&planes) => {
            let region = planes[0].region;
            let rows = ycc::to_rgb(planes.map(|plane| plane.rows), coding);
            resize_rows(RowsToCrop { rows, region }, size)
        }
        Raster::Ycc(planes, coding) => ycc::to_rgb(planes.map(|plane| resize_rows(plane, size)), coding),
    }
}

fn have_equal_regions([luma, chroma @ ..]: &[RowsToCrop<'_>; 3]) -> bool {
    chroma.iter().all(|plane| plane.region == luma.region && plane.rows.size() == luma.rows.size())
}

/// The rows (or columns) of a source that resizing reads.
///
/// The source has `source_len` rows. The `span` rows after `start` are resized to `len` rows.
pub(crate) fn needed_range(start: f64, span: f64, len: u32, source_len: u32) -> Range<u32> {
    FilterWindow::new(start, span, len, source_len).all_source_rows()
}

/// Resizes the region to `size`. Rows below the region are not read.
fn resize_rows(cropped: RowsToCrop<'_>, size: Size) -> Box<dyn Rows + '_> {
    let RowsToCrop { rows, region } = cropped;
    if region == Region::whole(rows.size()) && rows.size() == size {
        return rows;
    }
    // A crop without resampling mixes no colours.
    let needs_alpha = rows.pixel_format().channels.has_alpha() && !region.has_size(size);

    let premultiplied = if needs_alpha { alpha::premultiply(rows) } else { rows };
    let (shortened, left) = vertical::resize_height(premultiplied, region, size);
    let resized = horizontal::resize_width(shortened, left, region.width, size.width);
    if needs_alpha { alpha::divide(resized) } else { resized }
}

#[cfg(test)]
mod tests;
