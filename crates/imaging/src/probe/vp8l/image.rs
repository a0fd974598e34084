//! The pictures that are part of a stream's header: of tiles, of a palette. They are passed over.

use super::bits::Bits;
use super::prefix_code::PrefixCode;
use super::{Fault, GREEN_ENTRIES, PIXEL_BYTES};
use crate::Size;

/// Passes over a picture that has a pixel for each tile of another, and says what it takes.
pub(super) fn tiled_image(
    stream: &mut Bits<'_>,
    size: Size,
    pixel: impl FnMut(u16),
) -> Result<u64, Fault> {
    let side = 4 << stream.read(3)?;
    let tiles = u64::from(size.width.div_ceil(side)) * u64::from(size.height.div_ceil(side));
    image(stream, tiles, pixel)?;
    Ok(PIXEL_BYTES * tiles)
}

/// Passes over a picture that is part of the header, with one group of codes and no transforms. `pixel`
/// gets red and green of each that is spelled out; the others repeat them, or are 0.
pub(super) fn image(
    stream: &mut Bits<'_>,
    pixels: u64,
    mut pixel: impl FnMut(u16),
) -> Result<(), Fault> {
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
        let symbol = green.next(stream)?;
        if symbol < LITERALS {
            let red = red.next(stream)?;
            blue.next(stream)?;
            alpha.next(stream)?;
            pixel(u16::try_from(red << 8 | symbol).map_err(|_| Fault::Damaged)?);
            left -= 1;
        } else if symbol < LITERALS + LENGTHS {
            let length = prefixed(stream, symbol - LITERALS)?;
            let symbol = distance.next(stream)?;
            prefixed(stream, symbol)?;
            left = left.checked_sub(length).ok_or(Fault::Damaged)?;
        } else {
            left -= 1;
        }
    }
    Ok(())
}

const LITERALS: usize = 256;
const LENGTHS: usize = 24;
const DISTANCES: usize = 40;

/// The size of the colour cache, in bits of its index; 0 without a cache.
pub(super) fn cache_bits(stream: &mut Bits<'_>) -> Result<usize, Fault> {
    if !stream.flag()? {
        return Ok(0);
    }
    let bits = stream.read(4)? as usize;
    if (1..GREEN_ENTRIES.len()).contains(&bits) { Ok(bits) } else { Err(Fault::Damaged) }
}

/// A length or a distance: a symbol for its size, and its lower bits.
fn prefixed(stream: &mut Bits<'_>, symbol: usize) -> Result<u64, Fault> {
    let symbol = u32::try_from(symbol).map_err(|_| Fault::Damaged)?;
    if symbol < 4 {
        return Ok(u64::from(symbol) + 1);
    }
    let extra = (symbol - 2) >> 1;
    let offset = (2 + (symbol & 1)) << extra;
    Ok(u64::from(offset) + u64::from(stream.read(extra)?) + 1)
}
