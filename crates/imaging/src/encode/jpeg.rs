//! JPEG through mozjpeg with the settings of libjpeg-turbo: one pass, 4:2:0, standard Huffman
//! tables. Optimising them costs four times the time for 0.7 % of the bytes.

use std::io::{self, Write};

use mozjpeg::{ColorSpace, Compress};

use super::Counted;
use crate::libjpeg::{error_manager, guard};
use crate::rows::{Layout, Rows};
use crate::{Quality, RenderError, Size};

/// Rows that are handed over at a time: those of one row of blocks at 4:2:0.
const STRIP_ROWS: usize = 16;

pub(super) fn encode<W: Write>(
    rows: &mut dyn Rows,
    quality: Quality,
    out: &mut Counted<W>,
) -> Result<(), RenderError> {
    let size = rows.size();
    let (stride, layout) = (rows.stride(), rows.layout());
    let mut failed = Ok(());
    let result = guard(|| {
        let mut jpeg = start(size, quality, &mut *out)?;
        let mut strip = vec![0; stride * STRIP_ROWS];
        let mut flat = Vec::new();
        let mut left = size.height as usize;
        while left > 0 {
            let count = left.min(STRIP_ROWS);
            left -= count;
            let strip = &mut strip[..stride * count];
            if let Err(error) = rows.read(strip) {
                failed = Err(error);
                jpeg.abort();
                return Ok(());
            }
            jpeg.write_scanlines(match layout {
                Layout::Rgb8 => strip,
                Layout::Rgba8 => over_white(strip, &mut flat),
            })?;
        }
        jpeg.finish().map(drop)
    });
    failed?;
    match result {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(out.fault("encoding JPEG", error)),
        Err(error) => Err(out.fault("encoding JPEG", error)),
    }
}

fn start<W: Write>(
    size: Size,
    quality: Quality,
    out: W,
) -> io::Result<mozjpeg::compress::CompressStarted<W>> {
    let mut jpeg = Compress::new_err(Box::new(error_manager()), ColorSpace::JCS_RGB);
    jpeg.set_fastest_defaults();
    jpeg.set_size(size.width as usize, size.height as usize);
    jpeg.set_quality(quality.get().into());
    jpeg.start_compress(out)
}

/// JPEG knows no alpha: what is transparent shows white paper.
fn over_white<'a>(rgba: &[u8], rgb: &'a mut Vec<u8>) -> &'a [u8] {
    rgb.resize(rgba.len() / 4 * 3, 0);
    for (&[r, g, b, alpha], rgb) in rgba.as_chunks().0.iter().zip(rgb.as_chunks_mut().0) {
        let alpha = u16::from(alpha);
        *rgb = [r, g, b].map(|colour| {
            let sum = u16::from(colour) * alpha + 255 * (255 - alpha) + 127;
            // Exact division by 255 of what fits 16 bits.
            ((sum + 1 + (sum >> 8)) >> 8).to_le_bytes()[0]
        });
    }
    rgb
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_shows_through_as_far_as_alpha_lets_it() {
        let cases = [
            ([10, 20, 30, 255], [10, 20, 30]),
            ([10, 20, 30, 0], [255, 255, 255]),
            ([0, 0, 0, 128], [127, 127, 127]),
            ([255, 255, 255, 77], [255, 255, 255]),
            ([0, 100, 200, 51], [204, 224, 244]),
        ];
        for (rgba, rgb) in cases {
            assert_eq!(over_white(&rgba, &mut Vec::new()), rgb);
        }
    }
}
