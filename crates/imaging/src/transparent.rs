//! Clears the colour of pixels that are fully transparent.
//!
//! Editors keep erased colours under an alpha of 0, where any program that reads the file can find them. In a
//! rendition, the colour of such pixels is 0. This is also libwebp's default.

use crate::raster::{Rows, SrgbFormat};
use crate::{RenderError, Size};

/// Sets the colour of every pixel with alpha 0 to 0. Rows without alpha are returned unchanged.
pub(crate) fn clear_transparent<'a>(rows: Box<dyn Rows<SrgbFormat> + 'a>) -> Box<dyn Rows<SrgbFormat> + 'a> {
    if rows.pixel_format().has_alpha() { Box::new(ClearedRows { rows }) } else { rows }
}

struct ClearedRows<'a> {
    rows: Box<dyn Rows<SrgbFormat> + 'a>,
}

impl Rows<SrgbFormat> for ClearedRows<'_> {
    fn size(&self) -> Size {
        self.rows.size()
    }

    fn pixel_format(&self) -> SrgbFormat {
        self.rows.pixel_format()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        self.rows.read(out)?;
        match self.pixel_format() {
            SrgbFormat::GreyAlpha => clear_pixels::<2>(out),
            SrgbFormat::Rgba => clear_pixels::<4>(out),
            SrgbFormat::Grey | SrgbFormat::Rgb => {}
        }
        Ok(())
    }
}

/// Clears pixels of `N` bytes if their last byte, alpha, is 0.
fn clear_pixels<const N: usize>(bytes: &mut [u8]) {
    for pixel in bytes.as_chunks_mut::<N>().0 {
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
    fn only_fully_transparent_pixels_lose_their_colour() {
        let cases = [
            (SrgbFormat::Rgba, vec![9, 8, 7, 0, 9, 8, 7, 1], vec![0, 0, 0, 0, 9, 8, 7, 1]),
            (SrgbFormat::GreyAlpha, vec![9, 0, 9, 255], vec![0, 0, 9, 255]),
            (SrgbFormat::Rgb, vec![9, 8, 0, 0, 0, 7], vec![9, 8, 0, 0, 0, 7]),
        ];
        for (format, stored, expected) in cases {
            let buffer = PixelBuffer::new(Size::new(2, 1), format, stored);
            let mut out = vec![0; expected.len()];
            clear_transparent(Box::new(buffer)).read(&mut out).unwrap();
            assert_eq!(out, expected, "{format:?}");
        }
    }
}
