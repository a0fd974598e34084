//! Colours multiplied by their alpha on the way in, and divided by it on the way out.

use fast_image_resize::images::TypedImage;
use fast_image_resize::pixels::{U8x2, U8x4, U16x2, U16x4};
use fast_image_resize::{MulDiv, PixelTrait};

use super::failed;
use crate::rows::{Channels, Depth, Layout, Rows};
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

impl Alpha<'_> {
    fn apply<P: PixelTrait>(&self, rows: &mut [u8]) -> Result<(), RenderError> {
        let height = u32::try_from(rows.len() / self.stride()).map_err(failed)?;
        let mut image =
            TypedImage::<P>::from_buffer(self.size().width, height, rows).map_err(failed)?;
        match self.direction {
            Direction::In => self.mul_div.multiply_alpha_inplace_typed(&mut image).map_err(failed),
            Direction::Out => self.mul_div.divide_alpha_inplace_typed(&mut image).map_err(failed),
        }
    }
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
        let Layout { channels, depth } = self.layout();
        match (channels, depth) {
            (Channels::GreyAlpha, Depth::Eight) => self.apply::<U8x2>(out),
            (Channels::GreyAlpha, Depth::Sixteen) => self.apply::<U16x2>(out),
            (_, Depth::Eight) => self.apply::<U8x4>(out),
            (_, Depth::Sixteen) => self.apply::<U16x4>(out),
        }
    }
}
