//! Packed pixels from the samples of a picture and of its alpha, a row at a time.

use super::chroma::Chroma;
use super::coding::{Coding, Factors};
use super::samples::SampleRows;
use crate::probe::heif::Layout;
use crate::raster::{Channels, Depth, FixedPixelSize, PixelFormat, Rows};
use crate::{RenderError, Size};

/// The transparency of a picture.
pub(super) struct Alpha<S> {
    pub(super) samples: S,
    pub(super) is_full_range: bool,
    /// Whether the colours were multiplied by alpha.
    pub(super) is_premultiplied: bool,
}

/// The rows of a picture as RGB, or as grey.
pub(super) struct PackedRows<S> {
    colours: S,
    alpha: Option<Alpha<S>>,
    factors: [Factors; 3],
    chroma: [Chroma; 2],
    pixel_format: PixelFormat,
    size: Size,
    next_row: u32,
    /// A row of luma, of the two chromas, and of alpha.
    rows: [Vec<f32>; 4],
}

impl<S: SampleRows> PackedRows<S> {
    /// Grey without chroma stays grey if `keeps_grey`.
    ///
    /// # Errors
    /// A matrix that is not supported, or alpha of another size.
    pub(super) fn new(
        colours: S,
        alpha: Option<Alpha<S>>,
        coding: Coding,
        depth: Depth,
        keeps_grey: bool,
    ) -> Result<Self, RenderError> {
        let (size, layout) = (colours.plane_size(0), colours.layout());
        if let Some(alpha) = &alpha
            && alpha.samples.plane_size(0) != size
        {
            let found = alpha.samples.plane_size(0);
            return Err(RenderError::corrupt(format_args!("the image is {size}, but its transparency is {found}")));
        }
        let channels = match (layout == Layout::Grey && keeps_grey, alpha.is_some()) {
            (true, false) => Channels::Grey,
            (true, true) => Channels::GreyAlpha,
            (false, false) => Channels::Rgb,
            (false, true) => Channels::Rgba,
        };
        // Only luma is there, whatever the matrix.
        let coding = if layout == Layout::Grey { coding.without_matrix() } else { coding };
        let mut factors = coding.factors(colours.bits())?;
        if layout == Layout::Grey {
            factors = [factors[1]; 3];
        }
        let chroma = [1, 2].map(|plane| Chroma::new(plane, layout));
        let pixel_format = PixelFormat { channels, depth };
        Ok(PackedRows { colours, alpha, factors, chroma, pixel_format, size, next_row: 0, rows: Default::default() })
    }

    /// Reads the samples of the next row.
    fn read_samples(&mut self) -> Result<(), RenderError> {
        let (y, width) = (self.next_row, self.size.width as usize);
        self.next_row += 1;
        self.rows.iter_mut().for_each(|row| row.resize(width, 0.0));
        let [luma, blue, red, alpha] = &mut self.rows;
        self.colours.read(0, luma)?;
        if self.colours.layout() != Layout::Grey {
            self.chroma[0].read(&mut self.colours, y, blue)?;
            self.chroma[1].read(&mut self.colours, y, red)?;
        }
        if let Some(Alpha { samples, is_full_range, .. }) = &mut self.alpha {
            samples.read(0, alpha)?;
            let unit = f32::from(1u16 << (samples.bits() - 8));
            let (black, range) = if *is_full_range { (0.0, 256.0 * unit - 1.0) } else { (16.0 * unit, 219.0 * unit) };
            alpha.iter_mut().for_each(|alpha| *alpha = ((*alpha - black) / range).clamp(0.0, 1.0));
        }
        Ok(())
    }

    /// Converts the row that was read, with `N` samples in a pixel.
    fn write<const N: usize, T: Sample>(&self, out: &mut [u8]) {
        let [luma, blue, red, alpha] = &self.rows;
        let colours = if N < 3 { 1 } else { 3 };
        let divides = self.alpha.as_ref().is_some_and(|alpha| alpha.is_premultiplied);
        let samples = luma.iter().zip(blue).zip(red).zip(alpha);
        let pixel_bytes = N * size_of::<T>();
        for ((((&luma, &blue), &red), &alpha), pixel) in samples.zip(out.chunks_exact_mut(pixel_bytes)) {
            let mut levels = [alpha; N];
            let divisor = if divides && alpha > 0.0 { alpha } else { 1.0 };
            for (level, factors) in levels.iter_mut().zip(&self.factors[..colours]) {
                *level = factors.level(luma, blue, red) / divisor;
            }
            for (level, out) in levels.into_iter().zip(pixel.chunks_exact_mut(size_of::<T>())) {
                T::write(level, out);
            }
        }
    }
}

impl Factors {
    #[inline(always)]
    fn level(&self, luma: f32, blue: f32, red: f32) -> f32 {
        let [of_luma, of_blue, of_red] = self.samples;
        luma * of_luma + blue * of_blue + red * of_red + self.offset
    }
}

impl<S: SampleRows> Rows for PackedRows<S> {
    fn size(&self) -> Size {
        self.size
    }

    fn pixel_format(&self) -> PixelFormat {
        self.pixel_format
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let stride = self.size.width as usize * self.pixel_format.pixel_bytes();
        for out in out.chunks_exact_mut(stride) {
            self.read_samples()?;
            match (self.pixel_format.channels.count(), self.pixel_format.depth) {
                (1, Depth::Eight) => self.write::<1, u8>(out),
                (2, Depth::Eight) => self.write::<2, u8>(out),
                (3, Depth::Eight) => self.write::<3, u8>(out),
                (_, Depth::Eight) => self.write::<4, u8>(out),
                (1, Depth::Sixteen) => self.write::<1, u16>(out),
                (2, Depth::Sixteen) => self.write::<2, u16>(out),
                (3, Depth::Sixteen) => self.write::<3, u16>(out),
                (_, Depth::Sixteen) => self.write::<4, u16>(out),
            }
        }
        Ok(())
    }
}

/// A sample of a packed pixel.
trait Sample {
    /// Writes the nearest level. 0 is black, 1 is white; what lies outside is clipped.
    fn write(level: f32, out: &mut [u8]);
}

impl Sample for u8 {
    #[inline(always)]
    fn write(level: f32, out: &mut [u8]) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
        let nearest = (level * 255.0 + 0.5) as u8;
        out[0] = nearest;
    }
}

impl Sample for u16 {
    #[inline(always)]
    fn write(level: f32, out: &mut [u8]) {
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
        let nearest = (level * 65_535.0 + 0.5) as u16;
        out.copy_from_slice(&nearest.to_ne_bytes());
    }
}
