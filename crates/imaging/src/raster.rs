//! Pixels in memory: what decoders, resampling, colour conversion and encoders pass to each other.
//!
//! Each step of a rendering implements [`Rows`] and reads from the [`Rows`] of the step before, so that only a few
//! rows are in memory. A step that needs the whole picture collects it into a [`PixelBuffer`], which is also [`Rows`].
//!
//! This module knows nothing about files or codecs.

use crate::geometry::Rect;
use crate::{RenderError, Size};

/// Pixels that are read row by row, from top to bottom.
///
/// Decoders and resampling work on any [`PixelFormat`]. Encoders take [`SrgbFormat`] only.
pub(crate) trait Rows<F: FixedPixelSize = PixelFormat> {
    /// The size at this step. It is the stored size until the picture was oriented.
    fn size(&self) -> Size;

    /// The kind of every pixel.
    fn pixel_format(&self) -> F;

    /// Fills `out` with the next rows. The length of `out` is a multiple of [`Rows::stride`].
    ///
    /// The caller must not read past the last row.
    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError>;

    /// Bytes of one row. Rows have no padding.
    fn stride(&self) -> usize {
        self.size().width as usize * self.pixel_format().pixel_bytes()
    }
}

/// A format whose pixels all have the same number of bytes.
pub(crate) trait FixedPixelSize: Copy {
    /// Bytes of one pixel.
    fn pixel_bytes(self) -> usize;
}

/// The samples of a pixel. They follow each other without padding, in the machine's byte order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PixelFormat {
    pub(crate) channels: Channels,
    pub(crate) depth: Depth,
}

impl FixedPixelSize for PixelFormat {
    fn pixel_bytes(self) -> usize {
        self.channels.count() * if self.depth == Depth::Sixteen { 2 } else { 1 }
    }
}

/// The channels of a pixel, in the order of their samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channels {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
    /// The highest level is full ink.
    Cmyk,
}

impl Channels {
    pub(crate) fn count(self) -> usize {
        match self {
            Channels::Grey => 1,
            Channels::GreyAlpha => 2,
            Channels::Rgb => 3,
            Channels::Rgba | Channels::Cmyk => 4,
        }
    }

    pub(crate) fn has_alpha(self) -> bool {
        matches!(self, Channels::GreyAlpha | Channels::Rgba)
    }

    /// Pixels with these channels and 8 bits per sample.
    pub(crate) const fn eight_bit(self) -> PixelFormat {
        PixelFormat { channels: self, depth: Depth::Eight }
    }
}

/// Pixels that can be encoded: 8 bits per sample, in sRGB or grey.
///
/// CMYK and 16 bits per sample have no value here. The compiler thereby rejects code that would encode them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SrgbFormat {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
}

impl SrgbFormat {
    pub(crate) fn has_alpha(self) -> bool {
        matches!(self, SrgbFormat::GreyAlpha | SrgbFormat::Rgba)
    }
}

impl FixedPixelSize for SrgbFormat {
    fn pixel_bytes(self) -> usize {
        match self {
            SrgbFormat::Grey => 1,
            SrgbFormat::GreyAlpha => 2,
            SrgbFormat::Rgb => 3,
            SrgbFormat::Rgba => 4,
        }
    }
}

/// Bits per sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    Eight,
    Sixteen,
}

/// A decoded picture before it is resized.
pub(crate) enum Raster<'a> {
    /// All channels of a pixel are next to each other.
    Packed(RowsToCrop<'a>),
    /// Luma, blue chroma and red chroma as three planes. Each plane has its own size and is resized separately.
    Ycc([RowsToCrop<'a>; 3], YccCoding),
}

impl Raster<'_> {
    /// The format of the pixels after resizing. Planes become RGB.
    pub(crate) fn pixel_format(&self) -> PixelFormat {
        match self {
            Raster::Packed(packed) => packed.rows.pixel_format(),
            Raster::Ycc(..) => Channels::Rgb.eight_bit(),
        }
    }
}

/// Rows, and the region of them that the rendition shows.
pub(crate) struct RowsToCrop<'a> {
    pub(crate) rows: Box<dyn Rows + 'a>,
    pub(crate) region: Region,
}

/// A rectangle in a decoded picture, in px.
///
/// Its edges can lie between pixels if the picture was decoded at a reduced scale.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Region {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Region {
    /// All pixels of a picture of this size.
    pub(crate) fn whole(size: Size) -> Self {
        Region::at_full_scale(Rect::whole(size))
    }

    /// `crop` in a picture that was decoded at full scale.
    pub(crate) fn at_full_scale(crop: Rect) -> Self {
        Region::at_scale(crop, 8)
    }

    /// `crop`, which is in px of the stored picture, in a picture that was decoded at `eighths` / 8 of its size.
    pub(crate) fn at_scale(crop: Rect, eighths: u8) -> Self {
        let scale = f64::from(eighths) / 8.0;
        let [left, top] = [crop.x, crop.y].map(|at| f64::from(at) * scale);
        let [width, height] = [crop.size.width, crop.size.height].map(|side| f64::from(side) * scale);
        Region { left, top, width, height }
    }

    /// Whether the region is exactly `size` px, so that it needs no resampling.
    pub(crate) fn has_size(self, size: Size) -> bool {
        self.width == f64::from(size.width) && self.height == f64::from(size.height)
    }
}

/// How luma and chroma were made of red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct YccCoding {
    pub(crate) range: YccRange,
    pub(crate) weights: LumaWeights,
}

impl YccCoding {
    /// The coding of JPEG (ITU-T T.871).
    pub(crate) const JFIF: YccCoding = YccCoding { range: YccRange::Full, weights: LumaWeights::BT_601 };
    /// The coding of lossy WebP (RFC 6386, section 9.2).
    pub(crate) const WEBP: YccCoding = YccCoding { range: YccRange::Video, weights: LumaWeights::BT_601 };
}

/// The levels that stand for black and white in luma and chroma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum YccRange {
    /// 0 to 255.
    Full,
    /// 16 to 235 for luma and 16 to 240 for chroma.
    Video,
}

/// The parts of red and blue in luma. The rest is green (ITU-T H.273, table 4: K_R and K_B).
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LumaWeights {
    pub(crate) red: f64,
    pub(crate) blue: f64,
}

impl LumaWeights {
    pub(crate) const BT_601: LumaWeights = LumaWeights { red: 0.299, blue: 0.114 };
}

/// Rows that [`PixelBuffer::collect`] reads at a time, so that a step which converts rows holds no more than these.
const COLLECTED_ROWS: usize = 64;

/// A picture that is completely in memory, in a buffer of its own or in a borrowed one. It is read row by row.
pub(crate) struct PixelBuffer<F = PixelFormat, B = Vec<u8>> {
    pub(crate) size: Size,
    pub(crate) pixel_format: F,
    pub(crate) bytes: B,
    /// Bytes that were handed out by [`Rows::read`].
    bytes_read: usize,
}

impl<F: FixedPixelSize, B: AsRef<[u8]>> PixelBuffer<F, B> {
    pub(crate) fn new(size: Size, pixel_format: F, bytes: B) -> Self {
        let expected_len = size.pixels() * pixel_format.pixel_bytes() as u64;
        debug_assert_eq!(bytes.as_ref().len() as u64, expected_len);
        PixelBuffer { size, pixel_format, bytes, bytes_read: 0 }
    }
}

impl<F: FixedPixelSize> PixelBuffer<F> {
    /// Reads all of `rows`, from which nothing was read before.
    pub(crate) fn collect(rows: &mut dyn Rows<F>) -> Result<Self, RenderError> {
        let stride = rows.stride();
        let mut bytes = vec![0; stride * rows.size().height as usize];
        for strip in bytes.chunks_mut(stride * COLLECTED_ROWS) {
            rows.read(strip)?;
        }
        Ok(PixelBuffer::new(rows.size(), rows.pixel_format(), bytes))
    }
}

impl<F: FixedPixelSize, B: AsRef<[u8]>> Rows<F> for PixelBuffer<F, B> {
    fn size(&self) -> Size {
        self.size
    }

    fn pixel_format(&self) -> F {
        self.pixel_format
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        out.copy_from_slice(&self.bytes.as_ref()[self.bytes_read..][..out.len()]);
        self.bytes_read += out.len();
        Ok(())
    }
}
