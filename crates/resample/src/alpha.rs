//! Multiplies colours by alpha and divides them by alpha, in place.

use std::sync::LazyLock;

use fast_image_resize::pixels::{U8x2, U8x4, U16x2, U16x4};
use fast_image_resize::{ImageViewMut, MulDiv, PixelTrait};

use crate::{PixelSlice, PixelType, Reason, ResampleError, typed_image};

/// Selects the processor's SIMD instructions once.
static MUL_DIV: LazyLock<MulDiv> = LazyLock::new(MulDiv::new);

/// Multiplies colours by their alpha, which is the last sample.
///
/// This is needed before resampling. Otherwise the colour of transparent pixels bleeds into visible edges.
///
/// # Errors
/// The buffer is too short for its size, or the pixels have no alpha.
pub fn premultiply_alpha(pixels: PixelSlice) -> Result<(), ResampleError> {
    match pixels.pixel_type {
        PixelType::U8x2 => premultiply::<U8x2>(pixels),
        PixelType::U8x4 => premultiply::<U8x4>(pixels),
        PixelType::U16x2 => map_colours::<U16x2>(pixels, |pixel| &mut pixel.0, multiply_16_bit),
        PixelType::U16x4 => map_colours::<U16x4>(pixels, |pixel| &mut pixel.0, multiply_16_bit),
        _ => Err(Reason::NoAlpha.into()),
    }
}

/// Divides colours by their alpha. This undoes [`premultiply_alpha`], except for rounding.
///
/// # Errors
/// The buffer is too short for its size, or the pixels have no alpha.
pub fn divide_alpha(pixels: PixelSlice) -> Result<(), ResampleError> {
    match pixels.pixel_type {
        PixelType::U8x2 => divide::<U8x2>(pixels),
        PixelType::U8x4 => divide::<U8x4>(pixels),
        PixelType::U16x2 => map_colours::<U16x2>(pixels, |pixel| &mut pixel.0, divide_16_bit),
        PixelType::U16x4 => map_colours::<U16x4>(pixels, |pixel| &mut pixel.0, divide_16_bit),
        _ => Err(Reason::NoAlpha.into()),
    }
}

fn premultiply<P: PixelTrait>(pixels: PixelSlice) -> Result<(), ResampleError> {
    MUL_DIV.multiply_alpha_inplace_typed(&mut typed_image::<P>(pixels)?).map_err(|_| Reason::NoAlpha.into())
}

fn divide<P: PixelTrait>(pixels: PixelSlice) -> Result<(), ResampleError> {
    MUL_DIV.divide_alpha_inplace_typed(&mut typed_image::<P>(pixels)?).map_err(|_| Reason::NoAlpha.into())
}

/// Maps every 16-bit colour with its alpha.
///
/// The library's own function for 16 bits adds a table of half a megabyte. Such pictures are rare, so plain arithmetic
/// is fast enough.
fn map_colours<P: PixelTrait>(
    pixels: PixelSlice,
    samples: impl Fn(&mut P) -> &mut [u16],
    map: impl Fn(u32, u32) -> u32,
) -> Result<(), ResampleError> {
    for pixel in typed_image::<P>(pixels)?.iter_rows_mut(0).flatten() {
        if let Some((alpha, colours)) = samples(pixel).split_last_mut() {
            for colour in colours {
                *colour = map((*colour).into(), (*alpha).into()).try_into().unwrap_or(u16::MAX);
            }
        }
    }
    Ok(())
}

const MAX: u32 = u16::MAX as u32;

fn multiply_16_bit(colour: u32, alpha: u32) -> u32 {
    (colour * alpha + MAX / 2) / MAX
}

/// The result exceeds 16 bits where the filter overshoots white; the caller clamps it.
fn divide_16_bit(colour: u32, alpha: u32) -> u32 {
    (colour * MAX + alpha / 2).checked_div(alpha).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dividing_undoes_multiplying_within_the_rounding_that_alpha_allows() {
        for alpha in [1, 255, 256, 40_000, MAX] {
            for colour in [0, 1, 300, 32_768, 65_534, MAX] {
                let back = divide_16_bit(multiply_16_bit(colour, alpha), alpha);
                assert!(back.abs_diff(colour) <= MAX / alpha / 2 + 1, "{colour} at {alpha}: {back}");
            }
        }
    }

    #[test]
    fn dividing_clears_transparent_pixels_and_clamps_overshoot_to_white() -> Result<(), ResampleError> {
        let bytes_of = |samples: [u16; 4]| samples.map(u16::to_ne_bytes).concat();
        let mut bytes = bytes_of([500, 0, 50_000, 40_000]);
        divide_alpha(PixelSlice { pixel_type: PixelType::U16x2, width: 2, height: 1, bytes: &mut bytes })?;
        assert_eq!(bytes, bytes_of([0, 0, u16::MAX, 40_000]));
        Ok(())
    }
}
