//! Clears the colour of pixels that are fully transparent.
//!
//! Editors keep erased colours under an alpha of 0, where every reader of the file finds them. In a rendition
//! the colour of such pixels is 0, which is also libwebp's default.

use crate::raster::{Channels, Depth, PixelFormat, Rows};
use crate::{RenderError, Size};

/// Sets the colour of every pixel with alpha 0 to 0; rows without alpha are passed on as they are.
/// Rows are to be of 8 bits a sample.
pub(crate) fn clear_transparent<'a>(rows: Box<dyn Rows + 'a>) -> Box<dyn Rows + 'a> {
    if rows.pixel_format().channels.has_alpha() { Box::new(Cleared { rows }) } else { rows }
}

struct Cleared<'a> {
    rows: Box<dyn Rows + 'a>,
}

impl Rows for Cleared<'_> {
    fn size(&self) -> Size {
        self.rows.size()
    }

    fn pixel_format(&self) -> PixelFormat {
        self.rows.pixel_format()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        debug_assert_eq!(self.pixel_format().depth, Depth::Eight);
        self.rows.read(out)?;
        match self.pixel_format().channels {
            Channels::GreyAlpha => clear::<2>(out),
            Channels::Rgba => clear::<4>(out),
            Channels::Grey | Channels::Rgb | Channels::Cmyk => {}
        }
        Ok(())
    }
}

/// Pixels of `N` bytes, the last of which is alpha.
fn clear<const N: usize>(pixels: &mut [u8]) {
    for pixel in pixels.as_chunks_mut::<N>().0 {
        if pixel[N - 1] == 0 {
            *pixel = [0; N];
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::raster::PixelBuffer;

    #[test]
    fn only_what_is_fully_transparent_loses_its_colour() {
        let cases = [
            (Channels::Rgba, vec![9, 8, 7, 0, 9, 8, 7, 1], vec![0, 0, 0, 0, 9, 8, 7, 1]),
            (Channels::GreyAlpha, vec![9, 0, 9, 255], vec![0, 0, 9, 255]),
            (Channels::Rgb, vec![9, 8, 0, 0, 0, 7], vec![9, 8, 0, 0, 0, 7]),
        ];
        for (channels, stored, expected) in cases {
            let frame = PixelBuffer::new(Size::new(2, 1), channels.eight_bit(), stored);
            let mut out = vec![0; expected.len()];
            clear_transparent(Box::new(frame)).read(&mut out).unwrap();
            assert_eq!(out, expected, "{channels:?}");
        }
    }
}
