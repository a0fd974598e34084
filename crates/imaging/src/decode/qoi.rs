//! QOI (1.0), decoded row by row.
//!
//! The field that says whether colours are linear is ignored, as the specification allows.

use std::io::{self, BufRead, Read};

use super::decoded::Decoded;
use crate::geometry::Rect;
use crate::probe::QOI_HEADER_LEN;
use crate::raster::{Channels, PixelFormat, Region, Rows};
use crate::source_reader::SourceReader;
use crate::stashed_io_error::StashedIoError;
use crate::{Header, RenderError, Size};

pub(super) fn decode<'a, R: Read + 'a>(
    mut source: SourceReader<R>,
    header: &Header,
    crop: Rect,
) -> Result<Decoded<'a>, RenderError> {
    let stashed_error = source.stashed_error();
    source.read_exact(&mut [0; QOI_HEADER_LEN]).map_err(|_| stashed_error.read_error_or_corrupt("it has no pixels"))?;
    let channels = if header.pixels.has_alpha { Channels::Rgba } else { Channels::Rgb };
    let pixels = Pixels { source, seen: [[0; 4]; 64], pixel: [0, 0, 0, u8::MAX], run: 0 };
    let rows = QoiRows { pixels, channels, size: header.size, next_row: 0, stashed_error };
    Ok(Decoded::packed(Box::new(rows), Region::at_full_scale(crop), Vec::new()))
}

struct QoiRows<B> {
    pixels: Pixels<B>,
    channels: Channels,
    size: Size,
    next_row: u32,
    stashed_error: StashedIoError,
}

impl<B: BufRead> Rows for QoiRows<B> {
    fn size(&self) -> Size {
        self.size
    }

    fn pixel_format(&self) -> PixelFormat {
        self.channels.eight_bit()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let stride = self.stride();
        for row in out.chunks_exact_mut(stride) {
            self.next_row += 1;
            let channels = self.channels.count();
            self.pixels.read_row(row, channels).map_err(|_| {
                let Size { height, .. } = self.size;
                self.stashed_error
                    .read_error_or_corrupt(format_args!("its pixels end in row {} of {height}", self.next_row))
            })?;
        }
        Ok(())
    }
}

/// The state of the decoder.
struct Pixels<B> {
    source: B,
    /// Pixels by their hash.
    seen: [[u8; 4]; 64],
    pixel: [u8; 4],
    /// How often the last pixel is repeated.
    run: u8,
}

impl<B: BufRead> Pixels<B> {
    fn read_row(&mut self, row: &mut [u8], channels: usize) -> io::Result<()> {
        for out in row.chunks_exact_mut(channels) {
            if self.run > 0 {
                self.run -= 1;
            } else {
                self.pixel = self.next_pixel()?;
                let [r, g, b, a] = self.pixel.map(usize::from);
                self.seen[(3 * r + 5 * g + 7 * b + 11 * a) % 64] = self.pixel;
            }
            out.copy_from_slice(&self.pixel[..channels]);
        }
        Ok(())
    }

    fn next_pixel(&mut self) -> io::Result<[u8; 4]> {
        let [r, g, b, a] = self.pixel;
        let [byte] = self.bytes()?;
        let low = byte & 0x3F;
        Ok(match byte >> 6 {
            _ if byte == 0xFE => {
                let [r, g, b] = self.bytes()?;
                [r, g, b, a]
            }
            _ if byte == 0xFF => self.bytes()?,
            0 => self.seen[usize::from(low)],
            1 => {
                let change = |shift: u8| (low >> shift & 3).wrapping_sub(2);
                [r.wrapping_add(change(4)), g.wrapping_add(change(2)), b.wrapping_add(change(0)), a]
            }
            2 => {
                let [second] = self.bytes()?;
                let green = low.wrapping_sub(32);
                let other = |nibble: u8| green.wrapping_sub(8).wrapping_add(nibble);
                [r.wrapping_add(other(second >> 4)), g.wrapping_add(green), b.wrapping_add(other(second & 15)), a]
            }
            _ => {
                self.run = low;
                self.pixel
            }
        })
    }

    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.source.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}
