//! Colours multiplied by their alpha on the way in, and divided by it on the way out.

use super::{failed, pixels};
use crate::raster::{PixelFormat, Rows};
use crate::{RenderError, Size};

pub(super) fn premultiply<'a>(rows: Box<dyn Rows + 'a>) -> Box<dyn Rows + 'a> {
    Box::new(Alpha { rows, apply: resample::premultiply_alpha })
}

pub(super) fn divide<'a>(rows: Box<dyn Rows + 'a>) -> Box<dyn Rows + 'a> {
    Box::new(Alpha { rows, apply: resample::divide_alpha })
}

struct Alpha<'a> {
    rows: Box<dyn Rows + 'a>,
    apply: fn(resample::Pixels) -> Result<(), resample::Mismatch>,
}

impl Rows for Alpha<'_> {
    fn size(&self) -> Size {
        self.rows.size()
    }

    fn pixel_format(&self) -> PixelFormat {
        self.rows.pixel_format()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        self.rows.read(out)?;
        let height = u32::try_from(out.len() / self.stride()).map_err(failed)?;
        let size = Size::new(self.size().width, height);
        (self.apply)(pixels(self.pixel_format(), size, out)).map_err(failed)
    }
}
