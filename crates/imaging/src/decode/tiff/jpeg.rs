//! JPEG in strips and tiles, decoded by libjpeg. The tables of all chunks may be stored once.

use std::io;

use mozjpeg::{ColorSpace, Decompress};

use crate::RenderError;
use crate::ffi::libjpeg::{catch_libjpeg_error, error_manager};
use crate::probe::{TiffColours, TiffLayout};

/// Decodes a chunk, of which `rows` are needed, to samples of 8 bits.
pub(super) fn decode(layout: &TiffLayout, file: &[u8], stored: &[u8], rows: u32) -> Result<Vec<u8>, RenderError> {
    let jpeg = with_tables(layout, file, stored);
    let samples = usize::from(layout.samples_in_chunk());
    let (width, rows) = (layout.chunk.width as usize, rows as usize);
    let decoded = catch_libjpeg_error(|| -> io::Result<Vec<u8>> {
        let header = Decompress::builder().with_err(error_manager()).from_mem(&jpeg)?;
        let (found, height, channels) = (header.width(), header.height(), header.components().len());
        if found != width || !(rows..=layout.chunk.height as usize).contains(&height) || channels != samples {
            return Err(io::Error::other(format!(
                "the JPEG in it is {found}×{height} with {channels} samples, and {width}×{rows} with {samples} is needed"
            )));
        }
        let target = match samples {
            1 => ColorSpace::JCS_GRAYSCALE,
            3 => ColorSpace::JCS_RGB,
            _ => ColorSpace::JCS_CMYK,
        };
        let mut pixels = vec![0; width * rows * samples];
        let mut started = header.to_colorspace(target)?;
        started.read_scanlines_into::<u8>(&mut pixels)?;
        Ok(pixels)
    });
    decoded?.map_err(RenderError::corrupt)
}

/// The tables, and then the chunk. libjpeg guesses the colours of a JPEG; a marker says what they are.
fn with_tables(layout: &TiffLayout, file: &[u8], stored: &[u8]) -> Vec<u8> {
    const START: &[u8] = &[0xFF, 0xD8];
    const END: &[u8] = &[0xFF, 0xD9];
    let is_ycc = u8::from(layout.colours == TiffColours::Ycc);
    let colours = [b"\xFF\xEE\0\x0EAdobe\0\x64\0\0\0\0".as_slice(), &[is_ycc]].concat();
    let tables = layout.jpeg_tables.and_then(|tables| tables.bytes_in(file)).unwrap_or_default();
    let tables = tables.strip_prefix(START).unwrap_or(tables);
    let tables = tables.strip_suffix(END).unwrap_or(tables);
    [START, &colours, tables, stored.strip_prefix(START).unwrap_or(stored)].concat()
}
