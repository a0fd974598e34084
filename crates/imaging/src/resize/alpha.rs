//! Colours multiplied by their alpha on the way in, and divided by it on the way out.

use fast_image_resize::MulDiv;
use fast_image_resize::images::Image;

use super::{failed, pixel_type};
use crate::rows::{Layout, Rows};
use crate::{RenderError, Size};

pub(super) fn premultiply<'a>(rows: Box<dyn Rows + 'a>) -> Box<dyn Rows + 'a> {
    Box::new(Alpha { rows, direction: Direction::In, mul_div: MulDiv::new() })
}

pub(super) fn divide<'a>(rows: Box<dyn Rows + 'a>) -> Box<dyn Rows + 'a> {
    Box::new(Alpha { rows, direction: Direction::Out, mul_div: MulDiv::new() })
}

struct Alpha<'a> {
    rows: Box<dyn Rows + 'a>,
    direction: Direction,
    mul_div: MulDiv,
}

enum Direction {
    In,
    Out,
}

impl Rows for Alpha<'_> {
    fn size(&self) -> Size {
        self.rows.size()
    }

    fn layout(&self) -> Layout {
        self.rows.layout()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        self.rows.read(out)?;
        let height = u32::try_from(out.len() / self.stride()).map_err(failed)?;
        let pixel_type = pixel_type(self.layout());
        let mut image =
            Image::from_slice_u8(self.size().width, height, out, pixel_type).map_err(failed)?;
        match self.direction {
            Direction::In => self.mul_div.multiply_alpha_inplace(&mut image).map_err(failed),
            Direction::Out => self.mul_div.divide_alpha_inplace(&mut image).map_err(failed),
        }
    }
}
