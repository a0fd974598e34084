//! The size of strips, and their pixels as the resampler takes them.

use resample::{PixelSlice, PixelType};

use crate::raster::{Channels, Depth, PixelFormat};
use crate::{RenderError, Size};

/// The size of a strip, where a strip of packed pixels has `packed_bytes`.
pub(super) fn strip_bytes(packed_bytes: usize, pixel_format: PixelFormat) -> usize {
    // Grey pixels are usually one of three planes. While one plane fills its strip, the strips of the other two stay in
    // memory, so each gets a third.
    if pixel_format == Channels::Grey.eight_bit() { packed_bytes / 3 } else { packed_bytes }
}

/// Passes pixels to the resampler.
pub(super) fn pixel_slice(pixel_format: PixelFormat, size: Size, bytes: &mut [u8]) -> PixelSlice<'_> {
    let pixel_type = match (pixel_format.channels, pixel_format.depth) {
        (Channels::Grey, Depth::Eight) => PixelType::U8,
        (Channels::GreyAlpha, Depth::Eight) => PixelType::U8x2,
        (Channels::Rgb, Depth::Eight) => PixelType::U8x3,
        (Channels::Rgba | Channels::Cmyk, Depth::Eight) => PixelType::U8x4,
        (Channels::Grey, Depth::Sixteen) => PixelType::U16,
        (Channels::GreyAlpha, Depth::Sixteen) => PixelType::U16x2,
        (Channels::Rgb, Depth::Sixteen) => PixelType::U16x3,
        (Channels::Rgba | Channels::Cmyk, Depth::Sixteen) => PixelType::U16x4,
    };
    PixelSlice { pixel_type, width: size.width, height: size.height, bytes }
}

/// An error of the resampler, which means a bug in this module.
pub(super) fn resample_failed(reason: impl std::fmt::Display) -> RenderError {
    RenderError::encode("resizing", reason)
}
