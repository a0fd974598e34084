//! Runs of pixels (RLE4, RLE8, and RLE24 of OS/2). Pixels that are skipped are black. Pixels beyond the end of a row are
//! dropped.

use std::io::BufRead;

use super::PixelsEnd;
use super::colours::PixelReader;
use crate::probe::Dib;

/// Decodes all pixels to RGB, from top to bottom.
pub(super) fn decode(source: &mut impl BufRead, dib: &Dib, reader: &PixelReader) -> Result<Vec<u8>, PixelsEnd> {
    let len = usize::try_from(3 * dib.size.pixels()).map_err(|_| PixelsEnd::at_row(0))?;
    let mut canvas = Canvas { rgb: vec![0; len], width: dib.size.width as usize, height: dib.size.height, x: 0, y: 0 };
    while canvas.y < dib.size.height {
        if !canvas.draw_next(source, dib, reader).ok_or_else(|| PixelsEnd::at_row(canvas.y))? {
            break;
        }
    }
    if !dib.is_top_down {
        canvas.flip();
    }
    Ok(canvas.rgb)
}

struct Canvas {
    /// Rows in the order in which they are stored.
    rgb: Vec<u8>,
    width: usize,
    height: u32,
    x: usize,
    y: u32,
}

impl Canvas {
    /// Draws the next run. Returns false after the last one, and `None` if the source ends.
    fn draw_next(&mut self, source: &mut impl BufRead, dib: &Dib, reader: &PixelReader) -> Option<bool> {
        const END_OF_ROW: u8 = 0;
        const END: u8 = 1;
        const SKIP: u8 = 2;
        let count = byte(source)?;
        if count > 0 {
            let pair = self.next_pixels(source, dib, reader)?;
            self.draw_run(pair, count);
            return Some(true);
        }
        match byte(source)? {
            END_OF_ROW => (self.x, self.y) = (0, self.y + 1),
            END => return Some(false),
            SKIP => {
                let (right, up) = (byte(source)?, byte(source)?);
                self.x += usize::from(right);
                self.y = self.y.saturating_add(up.into());
            }
            count => self.draw_literals(source, dib, reader, count)?,
        }
        Some(true)
    }

    /// Draws `count` pixels that are stored one by one, and skips their padding.
    fn draw_literals(&mut self, source: &mut impl BufRead, dib: &Dib, reader: &PixelReader, count: u8) -> Option<()> {
        let (step, pixel_bytes) = match dib.bits_per_pixel {
            4 => (2, 1),
            24 => (1, 3),
            _ => (1, 1),
        };
        for at in (0..count).step_by(step) {
            let pair = self.next_pixels(source, dib, reader)?;
            (0..step.min(usize::from(count - at))).for_each(|nibble| self.draw(pair[nibble]));
        }
        if usize::from(count).div_ceil(step) * pixel_bytes % 2 == 1 {
            byte(source)?;
        }
        Some(())
    }

    /// The next two pixels, which a run repeats in turn. They differ only if an index has 4 bits.
    fn next_pixels(&mut self, source: &mut impl BufRead, dib: &Dib, reader: &PixelReader) -> Option<[[u8; 3]; 2]> {
        let first = byte(source)?;
        Some(match dib.bits_per_pixel {
            4 => [reader.colour(first >> 4), reader.colour(first & 15)],
            24 => {
                let (green, red) = (byte(source)?, byte(source)?);
                [[red, green, first]; 2]
            }
            _ => [reader.colour(first); 2],
        })
    }

    /// Draws `count` pixels of two colours in turn. Those beyond the row take no time: a file may have millions of runs there.
    fn draw_run(&mut self, pair: [[u8; 3]; 2], count: u8) {
        let within = if self.y < self.height { self.width.saturating_sub(self.x) } else { 0 };
        let end = self.x + usize::from(count);
        for at in 0..within.min(count.into()) {
            self.draw(pair[at % 2]);
        }
        self.x = end;
    }

    fn draw(&mut self, colour: [u8; 3]) {
        if self.x < self.width && self.y < self.height {
            let at = (self.y as usize * self.width + self.x) * 3;
            self.rgb[at..at + 3].copy_from_slice(&colour);
        }
        self.x += 1;
    }

    fn flip(&mut self) {
        let stride = 3 * self.width;
        let (mut top, mut bottom) = (0, self.rgb.len().saturating_sub(stride));
        while top < bottom {
            let (before, after) = self.rgb.split_at_mut(bottom);
            before[top..top + stride].swap_with_slice(&mut after[..stride]);
            top += stride;
            bottom -= stride;
        }
    }
}

/// The next byte, or `None` at the end of the source.
fn byte(source: &mut impl BufRead) -> Option<u8> {
    let mut byte = [0];
    source.read_exact(&mut byte).ok()?;
    Some(byte[0])
}
