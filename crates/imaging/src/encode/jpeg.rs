//! Encodes JPEG by mozjpeg with the settings of libjpeg-turbo: one pass, 4:2:0, standard Huffman tables. Optimised
//! tables would save 0.7 % of the bytes, and take four times as long.

use std::io::{self, Write};

use mozjpeg::{ColorSpace, Compress};

use super::counting_writer::CountingWriter;
use crate::ffi::libjpeg::{catch_libjpeg_error, error_manager};
use crate::raster::{Rows, SrgbFormat};
use crate::{Quality, RenderError, ScanMode, Size};

/// Rows that are encoded at once: those of one row of MCUs at 4:2:0.
const STRIP_ROWS: usize = 16;

pub(super) fn encode<W: Write>(
    rows: &mut dyn Rows<SrgbFormat>,
    quality: Quality,
    scan_mode: ScanMode,
    out: &mut CountingWriter<W>,
) -> Result<(), RenderError> {
    let (size, stride) = (rows.size(), rows.stride());
    let format = rows.pixel_format();
    let mut failed = Ok(());
    let result = catch_libjpeg_error(|| {
        let mut jpeg = start(size, format, quality, scan_mode, &mut *out)?;
        let mut strip = vec![0; stride * STRIP_ROWS];
        let mut flat = Vec::new();
        let mut left = size.height as usize;
        while left > 0 {
            let count = left.min(STRIP_ROWS);
            left -= count;
            let strip = &mut strip[..stride * count];
            // The closure's errors are libjpeg's, so an error of the rows leaves it by a variable.
            if let Err(error) = rows.read(strip) {
                failed = Err(error);
                jpeg.abort();
                return Ok(());
            }
            jpeg.write_scanlines(over_white(strip, format, &mut flat))?;
        }
        jpeg.finish().map(drop)
    });
    failed?;
    match result {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(out.error("encoding JPEG", error)),
        Err(error) => Err(out.error("encoding JPEG", error)),
    }
}

fn start<W: Write>(
    size: Size,
    format: SrgbFormat,
    quality: Quality,
    scan_mode: ScanMode,
    out: W,
) -> io::Result<mozjpeg::compress::CompressStarted<W>> {
    let colours = match format {
        SrgbFormat::Grey | SrgbFormat::GreyAlpha => ColorSpace::JCS_GRAYSCALE,
        SrgbFormat::Rgb | SrgbFormat::Rgba => ColorSpace::JCS_RGB,
    };
    let mut jpeg = Compress::new_err(Box::new(error_manager()), colours);
    jpeg.set_fastest_defaults();
    jpeg.set_size(size.width as usize, size.height as usize);
    jpeg.set_quality(quality.get().into());
    if scan_mode == ScanMode::Progressive {
        // This also optimises the Huffman tables: the standard ones lack codes of progressive scans.
        jpeg.set_progressive_mode();
    }
    jpeg.start_compress(out)
}

/// Blends transparent pixels with white, since JPEG has no alpha. Other pixels are returned as they are.
fn over_white<'a>(strip: &'a [u8], format: SrgbFormat, flat: &'a mut Vec<u8>) -> &'a [u8] {
    flat.resize(strip.len(), 0);
    match format {
        SrgbFormat::GreyAlpha => {
            for (&[grey, alpha], flat) in strip.as_chunks().0.iter().zip(&mut *flat) {
                *flat = level_over_white(grey, alpha);
            }
            &flat[..strip.len() / 2]
        }
        SrgbFormat::Rgba => {
            for (&[r, g, b, alpha], flat) in strip.as_chunks().0.iter().zip(flat.as_chunks_mut().0) {
                *flat = [r, g, b].map(|level| level_over_white(level, alpha));
            }
            &flat[..strip.len() / 4 * 3]
        }
        SrgbFormat::Grey | SrgbFormat::Rgb => strip,
    }
}

fn level_over_white(level: u8, alpha: u8) -> u8 {
    let (level, alpha) = (u16::from(level), u16::from(alpha));
    let sum = level * alpha + 255 * (255 - alpha) + 127;
    // Divides by 255, exactly for every sum of 16 bits.
    ((sum + 1 + (sum >> 8)) >> 8).to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transparent_pixels_are_blended_with_white() {
        let cases = [(10, 255, 10), (10, 0, 255), (0, 128, 127), (255, 77, 255), (0, 51, 204), (100, 51, 224)];
        for (level, alpha, flat) in cases {
            assert_eq!(level_over_white(level, alpha), flat, "{level} at {alpha}");
            let rgba = [level, level, level, alpha];
            assert_eq!(over_white(&rgba, SrgbFormat::Rgba, &mut Vec::new()), [flat; 3]);
            assert_eq!(over_white(&rgba[2..], SrgbFormat::GreyAlpha, &mut Vec::new()), [flat]);
        }
    }
}
