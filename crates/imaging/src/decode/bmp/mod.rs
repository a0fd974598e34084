//! BMP: pixels and runs as Chromium shows them.
//!
//! Rows that are stored from top to bottom are streamed. Others, and pictures of runs, are held as a whole. A bitmap with a
//! mask for alpha has alpha; the fourth byte of other pixels of 32 bits is ignored, because most writers left it 0.

mod colours;
mod runs;

use std::io::{self, BufRead, Cursor, Read};

use self::colours::PixelReader;
use super::decoded::Decoded;
use crate::geometry::Rect;
use crate::probe::{Dib, DibCompression, MAX_DIB_LEN, parse_dib};
use crate::raster::{Channels, PixelBuffer, PixelFormat, Region, Rows};
use crate::source_reader::SourceReader;
use crate::stashed_io_error::StashedIoError;
use crate::{RenderError, Size};

/// Bytes before the bitmap's header.
const FILE_HEADER_LEN: usize = 14;
/// Where the file's header has the offset of the pixels.
const PIXELS_AT: usize = 10;

pub(super) fn decode<'a, R: Read + 'a>(mut source: SourceReader<R>, crop: Rect) -> Result<Decoded<'a>, RenderError> {
    let stashed_error = source.stashed_error();
    let cut = || stashed_error.read_error_or_corrupt("the file ends before its pixels");
    let mut prefix = Vec::new();
    read_up_to(&mut source, &mut prefix, FILE_HEADER_LEN + MAX_DIB_LEN).map_err(|_| cut())?;
    let bitmap = prefix.get(FILE_HEADER_LEN..).unwrap_or_default();
    let dib = parse_dib(bitmap)?;
    let palette_end = FILE_HEADER_LEN + dib.prefix_len();
    read_up_to(&mut source, &mut prefix, palette_end).map_err(|_| cut())?;
    if prefix.len() < palette_end {
        return Err(cut());
    }
    let palette = prefix[FILE_HEADER_LEN + dib.palette_at..palette_end].to_vec();
    let offset = &prefix[PIXELS_AT..PIXELS_AT + 4];
    let pixels_at = u64::from(u32::from_le_bytes([offset[0], offset[1], offset[2], offset[3]]));

    // Some writers set an offset within the palette, or none. What is there is shown, as browsers do.
    let begun = usize::try_from(pixels_at).map_or(prefix.len(), |at| at.min(prefix.len()));
    let skipped = pixels_at.saturating_sub(prefix.len() as u64);
    io::copy(&mut source.by_ref().take(skipped), &mut io::sink()).map_err(|_| cut())?;
    let pixels = Cursor::new(prefix.split_off(begun)).chain(source);
    Ok(Decoded::packed(rows(pixels, dib, palette, stashed_error)?, Region::at_full_scale(crop), Vec::new()))
}

/// Reads until there are `wanted` bytes, or until the source ends.
fn read_up_to(source: &mut impl Read, bytes: &mut Vec<u8>, wanted: usize) -> io::Result<()> {
    let missing = wanted.saturating_sub(bytes.len()) as u64;
    source.take(missing).read_to_end(bytes).map(|_| ())
}

/// The rows of a bitmap, given its palette as it is stored, and a source that is at its pixels.
pub(super) fn rows<'a>(
    mut pixels: impl BufRead + 'a,
    dib: Dib,
    palette: Vec<u8>,
    stashed_error: StashedIoError,
) -> Result<Box<dyn Rows + 'a>, RenderError> {
    let reader = PixelReader::new(&dib, &palette);
    if dib.compression == DibCompression::RunLength {
        let rgb = runs::decode(&mut pixels, &dib, &reader).map_err(|end| end.into_error(&dib, &stashed_error))?;
        return Ok(Box::new(PixelBuffer::new(dib.size, Channels::Rgb.eight_bit(), rgb)));
    }
    if dib.is_top_down {
        return Ok(Box::new(BitmapRows { pixels, dib, reader, next_row: 0, stored: Vec::new(), stashed_error }));
    }
    let stored = read_bottom_up(&mut pixels, &dib).map_err(|end| end.into_error(&dib, &stashed_error))?;
    Ok(Box::new(BitmapRows { pixels: stored, dib, reader, next_row: 0, stored: Vec::new(), stashed_error }))
}

/// All rows, as a source of rows from top to bottom.
fn read_bottom_up(pixels: &mut impl Read, dib: &Dib) -> Result<BottomUp, PixelsEnd> {
    let stride = dib.stored_stride();
    // The padding of the last row may be missing.
    let needed = stride * u64::from(dib.size.height) - (stride - dib.stored_row_len());
    let mut bytes = Vec::new();
    let room = usize::try_from(stride * u64::from(dib.size.height)).map_err(|_| PixelsEnd::at_row(0))?;
    bytes.try_reserve_exact(room).map_err(|_| PixelsEnd { row: 0, is_out_of_memory: true })?;
    let read = pixels.take(room as u64).read_to_end(&mut bytes);
    if read.is_err() || (bytes.len() as u64) < needed {
        return Err(PixelsEnd::at_row(u32::try_from(bytes.len() as u64 / stride).unwrap_or(u32::MAX)));
    }
    bytes.resize(room, 0);
    let stride = usize::try_from(stride).map_err(|_| PixelsEnd::at_row(0))?;
    Ok(BottomUp { bytes, stride, at: 0 })
}

/// Where the pixels of a bitmap end too early.
#[derive(Debug)]
struct PixelsEnd {
    /// Complete rows before the end, in the order in which they are stored.
    row: u32,
    is_out_of_memory: bool,
}

impl PixelsEnd {
    fn at_row(row: u32) -> Self {
        PixelsEnd { row, is_out_of_memory: false }
    }

    fn into_error(self, dib: &Dib, stashed_error: &StashedIoError) -> RenderError {
        if self.is_out_of_memory {
            return RenderError::OutOfMemory { step: "decoding BMP" };
        }
        let Size { height, .. } = dib.size;
        stashed_error.read_error_or_corrupt(format_args!("its pixels end in row {} of {height}", self.row + 1))
    }
}

/// Rows that are stored from bottom to top, read from top to bottom.
struct BottomUp {
    bytes: Vec<u8>,
    stride: usize,
    /// Rows that were read.
    at: usize,
}

impl Read for BottomUp {
    /// Reads one row, whose stride is the length of `out`.
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let end = self.bytes.len() - self.at * self.stride;
        let len = out.len().min(self.stride);
        out[..len].copy_from_slice(&self.bytes[end - self.stride..][..len]);
        self.at += 1;
        Ok(len)
    }
}

/// Rows that are read from top to bottom.
struct BitmapRows<P> {
    pixels: P,
    dib: Dib,
    reader: PixelReader,
    next_row: u32,
    /// The row as it is stored.
    stored: Vec<u8>,
    stashed_error: StashedIoError,
}

impl<P: Read> Rows for BitmapRows<P> {
    fn size(&self) -> Size {
        self.dib.size
    }

    fn pixel_format(&self) -> PixelFormat {
        if self.dib.has_alpha() { Channels::Rgba.eight_bit() } else { Channels::Rgb.eight_bit() }
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let stride = self.stride();
        let (whole, last) = (self.dib.stored_stride(), self.dib.stored_row_len());
        for row in out.chunks_exact_mut(stride) {
            // The padding of the last row may be missing.
            let stored_len = if self.next_row + 1 == self.dib.size.height { last } else { whole };
            self.stored.resize(usize::try_from(stored_len).map_err(RenderError::corrupt)?, 0);
            self.pixels
                .read_exact(&mut self.stored)
                .map_err(|_| PixelsEnd::at_row(self.next_row).into_error(&self.dib, &self.stashed_error))?;
            self.reader.read_row(&self.stored, row);
            self.next_row += 1;
        }
        Ok(())
    }
}
