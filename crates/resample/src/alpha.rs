//! Colours multiplied by their alpha, and divided by it, in place.

use std::sync::LazyLock;

use fast_image_resize::pixels::{U8x2, U8x4, U16x2, U16x4};
use fast_image_resize::{ImageViewMut, MulDiv, PixelTrait};

use crate::{Mismatch, Pixel, Pixels, Reason, typed};

/// What the processor has for it.
static MUL_DIV: LazyLock<MulDiv> = LazyLock::new(MulDiv::new);

/// Multiplies colours by their alpha, which is the last sample: before a resize, or what is
/// invisible would bleed into the edges of what is not.
///
/// # Errors
/// The buffer is not what its size says, or the pixels have no alpha.
pub fn premultiply_alpha(pixels: Pixels) -> Result<(), Mismatch> {
    match pixels.pixel {
        Pixel::U8x2 => premultiply::<U8x2>(pixels),
        Pixel::U8x4 => premultiply::<U8x4>(pixels),
        Pixel::U16x2 => each_colour::<U16x2>(pixels, |pixel| &mut pixel.0, multiplied),
        Pixel::U16x4 => each_colour::<U16x4>(pixels, |pixel| &mut pixel.0, multiplied),
        _ => Err(Reason::NoAlpha.into()),
    }
}

/// Divides colours by their alpha, which undoes [`premultiply_alpha`] but for what was rounded.
///
/// # Errors
/// The same.
pub fn divide_alpha(pixels: Pixels) -> Result<(), Mismatch> {
    match pixels.pixel {
        Pixel::U8x2 => divide::<U8x2>(pixels),
        Pixel::U8x4 => divide::<U8x4>(pixels),
        Pixel::U16x2 => each_colour::<U16x2>(pixels, |pixel| &mut pixel.0, divided),
        Pixel::U16x4 => each_colour::<U16x4>(pixels, |pixel| &mut pixel.0, divided),
        _ => Err(Reason::NoAlpha.into()),
    }
}

fn premultiply<P: PixelTrait>(pixels: Pixels) -> Result<(), Mismatch> {
    MUL_DIV
        .multiply_alpha_inplace_typed(&mut typed::<P>(pixels)?)
        .map_err(|_| Reason::NoAlpha.into())
}

fn divide<P: PixelTrait>(pixels: Pixels) -> Result<(), Mismatch> {
    MUL_DIV.divide_alpha_inplace_typed(&mut typed::<P>(pixels)?).map_err(|_| Reason::NoAlpha.into())
}

/// Changes colours of 16 bits by their alpha. Rare as such pictures are, they don't need the library's way, which is a
/// table of half a megabyte.
fn each_colour<P: PixelTrait>(
    pixels: Pixels,
    samples: impl Fn(&mut P) -> &mut [u16],
    changed: impl Fn(u32, u32) -> u32,
) -> Result<(), Mismatch> {
    for pixel in typed::<P>(pixels)?.iter_rows_mut(0).flatten() {
        if let Some((alpha, colours)) = samples(pixel).split_last_mut() {
            for colour in colours {
                *colour = changed((*colour).into(), (*alpha).into()).try_into().unwrap_or(u16::MAX);
            }
        }
    }
    Ok(())
}

fn multiplied(colour: u32, alpha: u32) -> u32 {
    (colour * alpha + MAX / 2) / MAX
}

/// Brighter than white, as ringing leaves it, is more than 16 bits hold.
fn divided(colour: u32, alpha: u32) -> u32 {
    (colour * MAX + alpha / 2).checked_div(alpha).unwrap_or(0)
}

const MAX: u32 = u16::MAX as u32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_of_16_bits_come_back_as_far_as_their_alpha_held_them() {
        for alpha in [1, 255, 256, 40_000, MAX] {
            for colour in [0, 1, 300, 32_768, 65_534, MAX] {
                let back = divided(multiplied(colour, alpha), alpha);
                assert!(
                    back.abs_diff(colour) <= MAX / alpha / 2 + 1,
                    "{colour} at {alpha}: {back}"
                );
            }
        }
    }

    #[test]
    fn what_is_invisible_has_no_colour_and_what_rings_is_no_brighter_than_white()
    -> Result<(), Mismatch> {
        let bytes_of = |samples: [u16; 4]| samples.map(u16::to_ne_bytes).concat();
        let mut bytes = bytes_of([500, 0, 50_000, 40_000]);
        divide_alpha(Pixels { pixel: Pixel::U16x2, width: 2, height: 1, bytes: &mut bytes })?;
        assert_eq!(bytes, bytes_of([0, 0, u16::MAX, 40_000]));
        Ok(())
    }
}
