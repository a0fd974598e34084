//! Colours multiplied by their alpha, and divided by it, in place.

use std::sync::LazyLock;

use fast_image_resize::pixels::{U8x2, U8x4, U16x2, U16x4};
use fast_image_resize::{MulDiv, PixelTrait};

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
        Pixel::U16x2 => premultiply::<U16x2>(pixels),
        Pixel::U16x4 => premultiply::<U16x4>(pixels),
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
        Pixel::U16x2 => divide::<U16x2>(pixels),
        Pixel::U16x4 => divide::<U16x4>(pixels),
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
