//! Images that are part of a stream's header: one of tiles, or a palette. They are decoded, but their pixels are not kept.

use super::bit_reader::BitReader;
use super::prefix_code::PrefixCode;
use super::stream_error::StreamError;
use crate::Size;

/// Reads an image that has one pixel for each tile of another of this size. Returns the number of its pixels.
pub(super) fn tile_image(
    stream: &mut BitReader<'_>,
    size: Size,
    on_pixel: impl FnMut(u16),
) -> Result<u64, StreamError> {
    let side = 4 << stream.read(3)?;
    let tiles = u64::from(size.width.div_ceil(side)) * u64::from(size.height.div_ceil(side));
    image(stream, tiles, on_pixel)?;
    Ok(tiles)
}

/// Reads an image with one group of codes and no transforms. `on_pixel` is called with red and green of each literal
/// pixel; all others repeat those, or are 0.
pub(super) fn image(stream: &mut BitReader<'_>, pixels: u64, mut on_pixel: impl FnMut(u16)) -> Result<(), StreamError> {
    let cached = match cache_bits(stream)? {
        0 => 0,
        bits => 1 << bits,
    };
    let mut code = |symbols| PrefixCode::read(stream, symbols);
    let green = code(LITERALS + LENGTHS + cached)?;
    let [red, blue, alpha] = [code(LITERALS)?, code(LITERALS)?, code(LITERALS)?];
    let distance = code(DISTANCES)?;
    let mut left = pixels;
    while left > 0 {
        let symbol = green.read_symbol(stream)?;
        if symbol < LITERALS {
            let red = red.read_symbol(stream)?;
            blue.read_symbol(stream)?;
            alpha.read_symbol(stream)?;
            on_pixel(u16::try_from(red << 8 | symbol).map_err(|_| StreamError::Invalid)?);
            left -= 1;
        } else if symbol < LITERALS + LENGTHS {
            let length = length_or_distance(stream, symbol - LITERALS)?;
            let symbol = distance.read_symbol(stream)?;
            length_or_distance(stream, symbol)?;
            left = left.checked_sub(length).ok_or(StreamError::Invalid)?;
        } else {
            left -= 1;
        }
    }
    Ok(())
}

/// Symbols of a code: levels of a colour, lengths of a repetition, and its distances.
const LITERALS: usize = 256;
const LENGTHS: usize = 24;
const DISTANCES: usize = 40;

/// The largest colour cache, in bits of its index.
pub(super) const MAX_CACHE_BITS: usize = 11;

/// Reads the size of the colour cache, in bits of its index. 0 means that there is no cache.
pub(super) fn cache_bits(stream: &mut BitReader<'_>) -> Result<usize, StreamError> {
    if !stream.flag()? {
        return Ok(0);
    }
    let bits = stream.read(4)? as usize;
    if (1..=MAX_CACHE_BITS).contains(&bits) { Ok(bits) } else { Err(StreamError::Invalid) }
}

/// Reads the lower bits of a length or a distance whose symbol was read.
fn length_or_distance(stream: &mut BitReader<'_>, symbol: usize) -> Result<u64, StreamError> {
    let symbol = u32::try_from(symbol).map_err(|_| StreamError::Invalid)?;
    if symbol < 4 {
        return Ok(u64::from(symbol) + 1);
    }
    let extra = (symbol - 2) >> 1;
    let offset = (2 + (symbol & 1)) << extra;
    Ok(u64::from(offset) + u64::from(stream.read(extra)?) + 1)
}
