//! ICO and CUR: the largest picture, which is a PNG or a bitmap with a mask.

use std::io::{Cursor, Empty, Read};

use super::decoded::Decoded;
use super::{bmp, png};
use crate::geometry::Rect;
use crate::probe::{Dib, IconKind, largest_icon};
use crate::raster::{Channels, PixelBuffer, Region, Rows};
use crate::source_reader::SourceReader;
use crate::{Probe, RenderError, probe};

pub(super) fn decode<'a, R: Read + 'a>(source: SourceReader<R>, crop: Rect) -> Result<Decoded<'a>, RenderError> {
    let stashed_error = source.stashed_error();
    let file = source.into_bytes();
    let icon = largest_icon(&file).ok_or_else(|| RenderError::corrupt("its directory is invalid"))?;
    let end = icon.at.saturating_add(icon.byte_len).min(file.len() as u64);
    let [at, end] = [icon.at, end].map(|at| usize::try_from(at).unwrap_or(file.len()));
    let picture = file.get(at..end).ok_or_else(|| RenderError::corrupt("the file ends before its picture"))?;
    match icon.kind {
        IconKind::Png => {
            let Probe::Header(header) = probe(picture, picture.len() as u64)? else {
                return Err(RenderError::corrupt("the file ends within its picture"));
            };
            png::decode(SourceReader::<Empty>::in_memory(picture.to_vec()), &header, crop)
        }
        IconKind::Bitmap { dib, has_mask } => {
            let cut = || RenderError::corrupt("the file ends within its palette");
            let palette = picture.get(dib.palette_at..dib.prefix_len()).ok_or_else(cut)?;
            let pixels = &picture[dib.prefix_len()..];
            let rows = bmp::rows(Cursor::new(pixels), dib, palette.to_vec(), stashed_error)?;
            let mut rgba = to_rgba(rows)?;
            // The alpha of pixels with 32 bits counts, unless all of it is 0.
            let has_alpha = dib.has_alpha() && rgba.as_chunks::<4>().0.iter().any(|pixel| pixel[3] > 0);
            if !has_alpha {
                rgba.as_chunks_mut::<4>().0.iter_mut().for_each(|pixel| pixel[3] = u8::MAX);
                if has_mask {
                    apply_mask(&mut rgba, pixels, &dib);
                }
            }
            let buffer = PixelBuffer::new(dib.size, Channels::Rgba.eight_bit(), rgba);
            Ok(Decoded::packed(Box::new(buffer), Region::at_full_scale(crop), Vec::new()))
        }
    }
}

fn to_rgba(mut rows: Box<dyn Rows + '_>) -> Result<Vec<u8>, RenderError> {
    let PixelBuffer { bytes, pixel_format, .. } = PixelBuffer::collect(&mut *rows)?;
    if pixel_format.channels == Channels::Rgba {
        return Ok(bytes);
    }
    Ok(bytes.as_chunks().0.iter().flat_map(|&[r, g, b]| [r, g, b, u8::MAX]).collect())
}

/// Clears the pixels whose bit in the mask is 1. The mask follows the pixels; where it is cut off, nothing is cleared.
fn apply_mask(rgba: &mut [u8], pixels: &[u8], dib: &Dib) {
    let (width, height) = (dib.size.width as usize, dib.size.height as usize);
    let stride = width.div_ceil(32) * 4;
    let mask_at = usize::try_from(dib.stored_stride() * u64::from(dib.size.height)).unwrap_or(usize::MAX);
    let mask = pixels.get(mask_at..).unwrap_or_default();
    for (y, row) in rgba.chunks_exact_mut(4 * width).enumerate() {
        let stored_y = if dib.is_top_down { y } else { height - 1 - y };
        let bits = mask.get(stored_y * stride..).unwrap_or_default();
        for (x, pixel) in row.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            if bits.get(x / 8).is_some_and(|byte| byte >> (7 - x % 8) & 1 == 1) {
                *pixel = [0; 4];
            }
        }
    }
}
