//! The arithmetic of a resize, on packed pixels in memory: Lanczos3, and colours weighted by their
//! alpha. Which pixels those are, and in how many strips, is decided in `imaging`.
//!
//! `fast_image_resize` does it, and this is a crate of its own for the compiler's sake: all that
//! the library does is generic over pixels and containers, and is compiled anew with whatever uses
//! it. So it is used here alone, with one kind of container.

mod alpha;
mod lanczos;

pub use alpha::{divide_alpha, premultiply_alpha};
pub use lanczos::LOBES;

use fast_image_resize::images::TypedImage;
use fast_image_resize::pixels::{U8, U8x2, U8x3, U8x4, U16, U16x2, U16x3, U16x4};
use fast_image_resize::{
    FilterType, ImageBufferError, PixelTrait, ResizeAlg, ResizeError, ResizeOptions, Resizer,
};

/// What a pixel is made of: samples of 8 or 16 bits, one to four of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // they are their names
pub enum Pixel {
    U8,
    U8x2,
    U8x3,
    U8x4,
    U16,
    U16x2,
    U16x3,
    U16x4,
}

/// A picture's pixels: rows from top to bottom without gaps, samples in the machine's byte order.
#[derive(Debug)]
pub struct Pixels<'a> {
    /// What each is made of.
    pub pixel: Pixel,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// All rows, and perhaps more.
    pub bytes: &'a mut [u8],
}

/// A part of a picture, in its pixels, which it may cut.
#[derive(Debug, Clone, Copy)]
pub struct Crop {
    /// From the left edge.
    pub left: f64,
    /// From the upper edge.
    pub top: f64,
    /// More than 0.
    pub width: f64,
    /// More than 0.
    pub height: f64,
}

/// Resizes with buffers that it keeps from one call to the next.
#[derive(Debug, Default)]
pub struct Resampler(Resizer);

impl Resampler {
    /// Brings the crop of `from` to the size of `to`, whose pixels are of the same kind: the columns
    /// first, if both change.
    ///
    /// Alpha is a sample like any other: see [`premultiply_alpha`].
    ///
    /// # Errors
    /// The buffers or the crop are not what their sizes say.
    ///
    /// ```
    /// use resample::{Crop, Pixel, Pixels, Resampler};
    ///
    /// let (mut grey, mut half) = ([200; 4 * 2], [0; 2]);
    /// let from = Pixels { pixel: Pixel::U8, width: 4, height: 2, bytes: &mut grey };
    /// let to = Pixels { pixel: Pixel::U8, width: 2, height: 1, bytes: &mut half };
    /// let all = Crop { left: 0.0, top: 0.0, width: 4.0, height: 2.0 };
    /// Resampler::default().resize(from, all, to)?;
    /// assert_eq!(half, [200, 200]);
    /// # Ok::<(), resample::Mismatch>(())
    /// ```
    pub fn resize(&mut self, from: Pixels, crop: Crop, to: Pixels) -> Result<(), Mismatch> {
        match to.pixel {
            Pixel::U8 => self.resize_typed::<U8>(from, crop, to),
            Pixel::U8x2 => self.resize_typed::<U8x2>(from, crop, to),
            Pixel::U8x3 => self.resize_typed::<U8x3>(from, crop, to),
            Pixel::U8x4 => self.resize_typed::<U8x4>(from, crop, to),
            Pixel::U16 => self.resize_typed::<U16>(from, crop, to),
            Pixel::U16x2 => self.resize_typed::<U16x2>(from, crop, to),
            Pixel::U16x3 => self.resize_typed::<U16x3>(from, crop, to),
            Pixel::U16x4 => self.resize_typed::<U16x4>(from, crop, to),
        }
    }

    fn resize_typed<P: PixelTrait>(
        &mut self,
        from: Pixels,
        crop: Crop,
        to: Pixels,
    ) -> Result<(), Mismatch> {
        let (from, mut to) = (typed::<P>(from)?, typed::<P>(to)?);
        let Crop { left, top, width, height } = crop;
        // Said here, where the compiler sees it: what else the library can do is then left out of the binary.
        let algorithm = ResizeAlg::Convolution(FilterType::Custom(*lanczos::LANCZOS3));
        let options = ResizeOptions::new().resize_alg(algorithm).use_alpha(false);
        Ok(self.0.resize_typed(&from, &mut to, &options.crop(left, top, width, height))?)
    }
}

fn typed<P: PixelTrait>(pixels: Pixels<'_>) -> Result<TypedImage<'_, P>, Mismatch> {
    Ok(TypedImage::from_buffer(pixels.width, pixels.height, pixels.bytes)?)
}

/// What was asked for does not fit together, which is a mistake of the caller's.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Mismatch(Reason);

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error(transparent)]
    Buffer(#[from] ImageBufferError),
    #[error(transparent)]
    Crop(#[from] ResizeError),
    #[error("such pixels have no alpha")]
    NoAlpha,
}

impl<E: Into<Reason>> From<E> for Mismatch {
    fn from(error: E) -> Self {
        Mismatch(error.into())
    }
}
