//! Resampling of packed pixels in memory: the Lanczos3 filter, and premultiplied alpha.
//!
//! `imaging` decides which pixels are resampled, and in how many strips.
//!
//! `fast_image_resize` does the arithmetic. Its functions are generic over pixels and containers, so they are compiled
//! again in every crate that calls them. This crate is the only caller and uses one kind of container, so that a change
//! in `imaging` does not compile them again.

mod alpha;
mod lanczos;

pub use alpha::{divide_alpha, premultiply_alpha};
pub use lanczos::LOBES;

use fast_image_resize::images::TypedImage;
use fast_image_resize::pixels::{U8, U8x2, U8x3, U8x4, U16, U16x2, U16x3, U16x4};
use fast_image_resize::{FilterType, ImageBufferError, PixelTrait, ResizeAlg, ResizeError, ResizeOptions, Resizer};

/// Resamples pixels. It keeps its buffers from one call to the next.
#[derive(Debug, Default)]
pub struct Resampler(Resizer);

impl Resampler {
    /// Resamples the crop of `from` to the size of `to`. Both have the same type of pixels. If both sides change, the
    /// width changes first.
    ///
    /// Alpha is treated like any other sample: see [`premultiply_alpha`].
    ///
    /// # Errors
    /// A buffer is too short for its size, or the crop is not inside of `from`.
    ///
    /// ```
    /// use resample::{Crop, PixelSlice, PixelType, Resampler};
    ///
    /// let (mut grey, mut half) = ([200; 4 * 2], [0; 2]);
    /// let from = PixelSlice { pixel_type: PixelType::U8, width: 4, height: 2, bytes: &mut grey };
    /// let to = PixelSlice { pixel_type: PixelType::U8, width: 2, height: 1, bytes: &mut half };
    /// let all = Crop { left: 0.0, top: 0.0, width: 4.0, height: 2.0 };
    /// Resampler::default().resize(from, all, to)?;
    /// assert_eq!(half, [200, 200]);
    /// # Ok::<(), resample::ResampleError>(())
    /// ```
    pub fn resize(&mut self, from: PixelSlice, crop: Crop, to: PixelSlice) -> Result<(), ResampleError> {
        match to.pixel_type {
            PixelType::U8 => self.resize_typed::<U8>(from, crop, to),
            PixelType::U8x2 => self.resize_typed::<U8x2>(from, crop, to),
            PixelType::U8x3 => self.resize_typed::<U8x3>(from, crop, to),
            PixelType::U8x4 => self.resize_typed::<U8x4>(from, crop, to),
            PixelType::U16 => self.resize_typed::<U16>(from, crop, to),
            PixelType::U16x2 => self.resize_typed::<U16x2>(from, crop, to),
            PixelType::U16x3 => self.resize_typed::<U16x3>(from, crop, to),
            PixelType::U16x4 => self.resize_typed::<U16x4>(from, crop, to),
        }
    }

    fn resize_typed<P: PixelTrait>(
        &mut self,
        from: PixelSlice,
        crop: Crop,
        to: PixelSlice,
    ) -> Result<(), ResampleError> {
        let (from, mut to) = (typed_image::<P>(from)?, typed_image::<P>(to)?);
        let Crop { left, top, width, height } = crop;
        // The algorithm is a constant here, so that the compiler leaves the library's other algorithms out of the
        // binary.
        let algorithm = ResizeAlg::Convolution(FilterType::Custom(*lanczos::LANCZOS3));
        let options = ResizeOptions::new().resize_alg(algorithm).use_alpha(false);
        Ok(self.0.resize_typed(&from, &mut to, &options.crop(left, top, width, height))?)
    }
}

/// The samples of a pixel: one to four, of 8 or 16 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // the names say it all
pub enum PixelType {
    U8,
    U8x2,
    U8x3,
    U8x4,
    U16,
    U16x2,
    U16x3,
    U16x4,
}

/// Borrowed pixels: rows from top to bottom without padding, samples in the machine's byte order.
#[derive(Debug)]
pub struct PixelSlice<'a> {
    /// The type of every pixel.
    pub pixel_type: PixelType,
    /// Pixels per row.
    pub width: u32,
    /// Number of rows.
    pub height: u32,
    /// The rows. Bytes behind the last row are ignored.
    pub bytes: &'a mut [u8],
}

/// A rectangle in pixels. Its edges can lie between pixels.
#[derive(Debug, Clone, Copy)]
pub struct Crop {
    /// Distance from the left edge.
    pub left: f64,
    /// Distance from the top edge.
    pub top: f64,
    /// Greater than 0.
    pub width: f64,
    /// Greater than 0.
    pub height: f64,
}

fn typed_image<P: PixelTrait>(pixels: PixelSlice<'_>) -> Result<TypedImage<'_, P>, ResampleError> {
    Ok(TypedImage::from_buffer(pixels.width, pixels.height, pixels.bytes)?)
}

/// The arguments do not fit together. This is a bug in the caller.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ResampleError(Reason);

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error(transparent)]
    Buffer(#[from] ImageBufferError),
    #[error(transparent)]
    Crop(#[from] ResizeError),
    #[error("pixels of this type have no alpha")]
    NoAlpha,
}

impl<E: Into<Reason>> From<E> for ResampleError {
    fn from(error: E) -> Self {
        ResampleError(error.into())
    }
}
