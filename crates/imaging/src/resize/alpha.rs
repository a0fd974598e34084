//! Premultiplies alpha before resampling, and divides by it afterwards.

use super::strip::{pixel_slice, resample_failed};
use crate::raster::{PixelFormat, Rows};
use crate::{RenderError, Size};

pub(super) fn premultiply<'a>(rows: Box<dyn Rows + 'a>) -> Box<dyn Rows + 'a> {
    Box::new(AlphaRows { rows, apply: resample::premultiply_alpha })
}

pub(super) fn divide<'a>(rows: Box<dyn Rows + 'a>) -> Box<dyn Rows + 'a> {
    Box::new(AlphaRows { rows, apply: resample::divide_alpha })
}

/// Rows whose colours are multiplied or divided by their alpha.
struct AlphaRows<'a> {
    rows: Box<dyn Rows + 'a>,
    apply: fn(resample::PixelSlice) -> Result<(), resample::ResampleError>,
}

impl Rows for AlphaRows<'_> {
    fn size(&self) -> Size {
        self.rows.size()
    }

    fn pixel_format(&self) -> PixelFormat {
        self.rows.pixel_format()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        self.rows.read(out)?;
        let height = u32::try_from(out.len() / self.stride()).map_err(resample_failed)?;
        let size = Size::new(self.size().width, height);
        (self.apply)(pixel_slice(self.pixel_format(), size, out)).map_err(resample_failed)
    }
}
