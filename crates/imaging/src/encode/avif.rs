//! AVIF: one AV1 picture by libaom for colour, and a second one for alpha.
//!
//! Chroma is 4:2:0, as in our JPEG and WebP: 4:4:4 takes half as much time again, and 7–28 % more bytes at the same
//! SSIM. Alpha keeps every pixel, so that edges stay sharp. Grey pictures have no chroma.
//!
//! libaom cannot be interrupted. Noise, its slowest input, took 0.6 s per megapixel at speed 6 and 0.2 s at the
//! default. The limit on memory bounds the number of megapixels. Encoding that many takes less than the time that
//! `resize` reserves.

use std::io::Write;

use avif_serialize::Aviffy;
use avif_serialize::constants::{ColorPrimaries, MatrixCoefficients, TransferCharacteristics};

use super::counting_writer::CountingWriter;
use crate::ffi::libaom::{self, Planes};
use crate::raster::{FixedPixelSize, Rows, SrgbFormat};
use crate::time_budget::TimeBudget;
use crate::{Quality, RenderError, Size, Speed};

pub(super) fn encode<W: Write>(
    rows: &mut dyn Rows<SrgbFormat>,
    quality: Quality,
    speed: Speed,
    budget: &TimeBudget,
    out: &mut CountingWriter<W>,
) -> Result<(), RenderError> {
    let size = rows.size();
    let picture = PlanarPicture::collect(rows)?;
    let av1 = |planes, quality: u8| {
        budget.check()?;
        libaom::encode(planes, quantizer(quality), speed.get())
            .map_err(|reason| RenderError::encode("encoding AVIF", reason))
    };
    let colour = av1(picture.colour(), quality.get())?;
    // Errors in alpha are easier to see than errors in colour, so alpha gets half the distance to quality 100.
    let alpha = picture.alpha().map(|planes| av1(planes, quality.get().midpoint(100))).transpose()?;

    let (depth, is_halved) = (8, (true, true));
    Aviffy::new()
        .set_color_primaries(ColorPrimaries::Bt709)
        .set_transfer_characteristics(TransferCharacteristics::Srgb)
        .set_matrix_coefficients(MatrixCoefficients::Bt601)
        .set_full_color_range(true)
        .set_chroma_subsampling(is_halved)
        .set_monochrome(picture.chroma.is_none())
        .write(&mut *out, &colour, alpha.as_deref(), size.width, size.height, depth)
        .map_err(|error| out.error("writing AVIF", error))
}

/// Converts a quality of 1–100 to libaom's 62–0, as libavif does.
fn quantizer(quality: u8) -> u8 {
    let steps = (u32::from(100 - quality) * 63 + 50) / 100;
    u8::try_from(steps).unwrap_or(u8::MAX)
}

/// The planes of a picture as AV1 stores them: 1.5 bytes per pixel, and one more for alpha.
struct PlanarPicture {
    size: Size,
    luma: Vec<u8>,
    /// Blue and red chroma, for two by two pixels each.
    chroma: Option<[Vec<u8>; 2]>,
    alpha: Option<Vec<u8>>,
}

impl PlanarPicture {
    fn collect(rows: &mut dyn Rows<SrgbFormat>) -> Result<Self, RenderError> {
        let (size, format) = (rows.size(), rows.pixel_format());
        let is_grey = matches!(format, SrgbFormat::Grey | SrgbFormat::GreyAlpha);
        let mut picture = PlanarPicture {
            size,
            luma: Vec::new(),
            chroma: (!is_grey).then(Default::default),
            alpha: format.has_alpha().then(Vec::new),
        };
        let stride = rows.stride();
        let mut pair = vec![0; stride * 2];
        let mut rows_left = size.height;
        while rows_left > 0 {
            let pair = &mut pair[..stride * rows_left.min(2) as usize];
            rows.read(pair)?;
            rows_left = rows_left.saturating_sub(2);
            picture.push_pair(pair, stride, format);
        }
        Ok(picture)
    }

    /// Adds two rows, or the last row if the number of rows is odd.
    fn push_pair(&mut self, rows: &[u8], stride: usize, format: SrgbFormat) {
        let pixel_bytes = format.pixel_bytes();
        let pixels = || rows.chunks_exact(pixel_bytes);
        if let Some(alpha) = &mut self.alpha {
            alpha.extend(pixels().map(|pixel| pixel[pixel_bytes - 1]));
        }
        let Some([blue, red]) = &mut self.chroma else {
            self.luma.extend(pixels().map(|pixel| pixel[0]));
            return;
        };
        self.luma.extend(pixels().map(luma));
        // If the number of rows or columns is odd, the last one counts twice.
        let (above, below) = rows.split_at(stride);
        let below = if below.is_empty() { above } else { below };
        for (above, below) in above.chunks(2 * pixel_bytes).zip(below.chunks(2 * pixel_bytes)) {
            let [b, r] = chroma(sum_of_four([above, below], pixel_bytes));
            blue.push(b);
            red.push(r);
        }
    }

    fn colour(&self) -> Planes<'_> {
        let chroma = self.chroma.as_ref().map(|[blue, red]| [&**blue, &**red]);
        Planes { size: self.size, luma: &self.luma, chroma }
    }

    fn alpha(&self) -> Option<Planes<'_>> {
        self.alpha.as_ref().map(|alpha| Planes { size: self.size, luma: alpha, chroma: None })
    }
}

/// The weights below are in 1/2¹⁶.
const FRACTION_BITS: u32 = 16;

/// BT.601: the weights of red, green and blue in luma. Their sum is 1.
const LUMA_WEIGHTS: [i32; 3] = [19_595, 38_470, 7_471];
/// BT.601: blue chroma is ½ × (B − Y) / (1 − 0.114).
const BLUE_WEIGHTS: [i32; 3] = [-11_059, -21_709, 32_768];
/// BT.601: red chroma is ½ × (R − Y) / (1 − 0.299).
const RED_WEIGHTS: [i32; 3] = [32_768, -27_439, -5_329];

fn luma(pixel: &[u8]) -> u8 {
    let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(i32::from);
    rounded_level(weighted_sum(LUMA_WEIGHTS, [r, g, b]), FRACTION_BITS)
}

/// Blue and red chroma, from the sum of four pixels.
fn chroma(sum: [i32; 3]) -> [u8; 2] {
    let bits = FRACTION_BITS + 2;
    let grey = 128 << bits;
    [BLUE_WEIGHTS, RED_WEIGHTS].map(|weights| rounded_level(weighted_sum(weights, sum) + grey, bits))
}

fn weighted_sum([wr, wg, wb]: [i32; 3], [r, g, b]: [i32; 3]) -> i32 {
    wr * r + wg * g + wb * b
}

/// Rounds a fixed-point number to a level of 0–255.
fn rounded_level(number: i32, fraction_bits: u32) -> u8 {
    let rounded = (number + (1 << (fraction_bits - 1))) >> fraction_bits;
    u8::try_from(rounded.clamp(0, 255)).unwrap_or(u8::MAX)
}

/// The sum of two pixels in each of two rows. If the rows have one pixel, it counts twice.
fn sum_of_four(rows: [&[u8]; 2], pixel_bytes: usize) -> [i32; 3] {
    let mut sum = [0; 3];
    for row in rows {
        let first = &row[..pixel_bytes];
        let last = &row[row.len() - pixel_bytes..];
        for (sum, (first, last)) in sum.iter_mut().zip(first.iter().zip(last)) {
            *sum += i32::from(*first) + i32::from(*last);
        }
    }
    sum
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::Rejection;
    use crate::raster::PixelBuffer;

    #[test]
    fn colours_become_luma_and_chroma_by_bt_601() {
        let cases = [
            ([255, 255, 255], (255, [128, 128])),
            ([0, 0, 0], (0, [128, 128])),
            ([255, 0, 0], (76, [85, 255])),
            ([0, 255, 0], (150, [44, 21])),
            ([0, 0, 255], (29, [255, 107])),
            ([100, 150, 50], (124, [86, 111])),
        ];
        for (rgb, expected) in cases {
            let four = rgb.map(|level| 4 * i32::from(level));
            assert_eq!((luma(&rgb), chroma(four)), expected, "{rgb:?}");
        }
    }

    #[test]
    fn the_last_row_and_column_of_an_odd_number_count_twice() {
        let red = [255, 0, 0, 9];
        let black = [0, 0, 0, 7];
        let bytes = [red, red, black, red, red, black, black, black, red].concat();
        let size = Size::new(3, 3);
        let mut buffer = PixelBuffer::new(size, SrgbFormat::Rgba, bytes);
        let picture = PlanarPicture::collect(&mut buffer).unwrap();
        assert_eq!(picture.luma, [76, 76, 0, 76, 76, 0, 0, 0, 76]);
        assert_eq!(picture.chroma.unwrap(), [[85, 128, 128, 85], [255, 128, 128, 255]]);
        assert_eq!(picture.alpha.unwrap(), [9, 9, 7, 9, 9, 7, 7, 7, 9]);
    }

    #[test]
    fn grey_has_no_chroma() {
        let mut buffer = PixelBuffer::new(Size::new(2, 1), SrgbFormat::GreyAlpha, vec![1, 2, 3, 4]);
        let picture = PlanarPicture::collect(&mut buffer).unwrap();
        assert_eq!((picture.luma, picture.alpha), (vec![1, 3], Some(vec![2, 4])));
        assert!(picture.chroma.is_none());
    }

    #[test]
    fn nothing_is_encoded_when_the_time_is_up() {
        let mut buffer = PixelBuffer::new(Size::new(2, 1), SrgbFormat::Rgba, vec![7; 8]);
        let mut out = CountingWriter::new(Vec::new());
        let expired = TimeBudget::start(Duration::ZERO);
        let refused = encode(&mut buffer, Quality::AVIF_DEFAULT, Speed::DEFAULT, &expired, &mut out);
        assert!(matches!(refused, Err(RenderError::Rejected(Rejection::TooMuchTime { .. }))), "{refused:?}");
        assert_eq!(out.byte_len(), 0);
    }

    #[test]
    fn quality_covers_the_scale_of_libaom() {
        for (quality, expected) in [(1, 62), (50, 32), (60, 25), (99, 1), (100, 0)] {
            assert_eq!(quantizer(quality), expected, "quality {quality}");
        }
    }
}
