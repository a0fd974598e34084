//! A region of a picture brought to a size: Lanczos3 through `fast_image_resize`.
//!
//! Colours are weighted by their alpha, that is premultiplied before and divided after, or what is
//! invisible would bleed into the edges of what is not.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::decode::{Decoded, Region};
use crate::rows::{Frame, Layout, Rows};
use crate::{RenderError, Size};

/// Brings the region to `size`, which is as stored.
pub(crate) fn resize<'a>(
    decoded: Decoded<'a>,
    size: Size,
) -> Result<Box<dyn Rows + 'a>, RenderError> {
    let Decoded { mut rows, region } = decoded;
    if region == Region::whole(rows.size()) && rows.size() == size {
        return Ok(rows);
    }
    let frame = Frame::collect(&mut *rows)?;
    let resized =
        resample(&frame, region, size).map_err(|reason| RenderError::encode("resizing", reason))?;
    Ok(Box::new(resized))
}

fn resample(
    frame: &Frame,
    region: Region,
    size: Size,
) -> Result<Frame, Box<dyn std::error::Error>> {
    let pixel_type = match frame.layout {
        Layout::Rgb8 => PixelType::U8x3,
        Layout::Rgba8 => PixelType::U8x4,
    };
    let source = ImageRef::new(frame.size.width, frame.size.height, &frame.bytes, pixel_type)?;
    let mut resized = Image::new(size.width, size.height, pixel_type);
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Lanczos3))
        .crop(region.left, region.top, region.width, region.height);
    Resizer::new().resize(&source, &mut resized, &options)?;
    Ok(Frame::new(size, frame.layout, resized.into_vec()))
}
