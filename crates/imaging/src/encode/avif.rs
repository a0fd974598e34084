//! AVIF: a still of AV1 by libaom, and one more of its alpha.
//!
//! 4:2:0, as our JPEG and WebP are: 4:4:4 takes half as much time again, and 7–17 % more bytes at
//! the same SSIM. Alpha has every pixel, so edges stay sharp. Grey stays grey: no chroma at all.
//!
//! libaom can't be stopped. A still of noise took it 0.6 s a megapixel at its slowest, 0.2 by default,
//! and its memory bounds the megapixels: the time that is kept back for writing is enough.

use std::io::Write;

use avif_serialize::Aviffy;
use avif_serialize::constants::{ColorPrimaries, MatrixCoefficients, TransferCharacteristics};

use super::Counted;
use crate::ffi::libaom::{self, Planes};
use crate::raster::{Channels, Rows};
use crate::time_budget::TimeBudget;
use crate::{Quality, RenderError, Size, Speed};

pub(super) fn encode<W: Write>(
    rows: &mut dyn Rows,
    quality: Quality,
    speed: Speed,
    budget: &TimeBudget,
    out: &mut Counted<W>,
) -> Result<(), RenderError> {
    let size = rows.size();
    let picture = Picture::collect(rows)?;
    let av1 = |planes, quality: u8| {
        budget.check()?;
        libaom::encode(planes, quantizer(quality), speed.get())
            .map_err(|reason| RenderError::encode("encoding AVIF", reason))
    };
    let colour = av1(picture.colour(), quality.get())?;
    // Edges of what is cut out show sooner than those within: half as far from the best.
    let alpha =
        picture.alpha().map(|planes| av1(planes, quality.get().midpoint(100))).transpose()?;

    let (depth, is_halved) = (8, (true, true));
    Aviffy::new()
        .set_color_primaries(ColorPrimaries::Bt709)
        .set_transfer_characteristics(TransferCharacteristics::Srgb)
        .set_matrix_coefficients(MatrixCoefficients::Bt601)
        .set_full_color_range(true)
        .set_chroma_subsampling(is_halved)
        .set_monochrome(picture.chroma.is_none())
        .write(&mut *out, &colour, alpha.as_deref(), size.width, size.height, depth)
        .map_err(|error| out.fault("writing AVIF", error))
}

/// 1–100 on libavif's scale as 62–0 on libaom's.
fn quantizer(quality: u8) -> u8 {
    let steps = (u32::from(100 - quality) * 63 + 50) / 100;
    u8::try_from(steps).unwrap_or(u8::MAX)
}

/// A picture as AV1 stores it, collected row by row: 1.5 bytes a pixel, and one more for alpha.
struct Picture {
    size: Size,
    luma: Vec<u8>,
    /// Blue and red.
    chroma: Option<[Vec<u8>; 2]>,
    alpha: Option<Vec<u8>>,
}

impl Picture {
    fn collect(rows: &mut dyn Rows) -> Result<Self, RenderError> {
        let (size, channels) = (rows.size(), rows.pixel_format().channels);
        let is_grey = matches!(channels, Channels::Grey | Channels::GreyAlpha);
        let mut picture = Picture {
            size,
            luma: Vec::new(),
            chroma: (!is_grey).then(Default::default),
            alpha: channels.has_alpha().then(Vec::new),
        };
        let stride = rows.stride();
        let mut pair = vec![0; stride * 2];
        let mut rows_left = size.height;
        while rows_left > 0 {
            let pair = &mut pair[..stride * rows_left.min(2) as usize];
            rows.read(pair)?;
            rows_left = rows_left.saturating_sub(2);
            picture.push(pair, stride, channels);
        }
        Ok(picture)
    }

    /// Adds two rows, or the last one of an odd number.
    fn push(&mut self, rows: &[u8], stride: usize, channels: Channels) {
        let pixels = || rows.chunks_exact(channels.count());
        if let Some(alpha) = &mut self.alpha {
            alpha.extend(pixels().map(|pixel| pixel[channels.count() - 1]));
        }
        let Some([blue, red]) = &mut self.chroma else {
            self.luma.extend(pixels().map(|pixel| pixel[0]));
            return;
        };
        self.luma.extend(pixels().map(luma));
        // Of an odd number of rows or columns, the last stands for the one that is missing.
        let (above, below) = rows.split_at(stride);
        let below = if below.is_empty() { above } else { below };
        let columns = 2 * channels.count();
        for (above, below) in above.chunks(columns).zip(below.chunks(columns)) {
            let colour = sum_of_four([above, below], channels.count());
            let [b, r] = chroma(colour);
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

/// Bits behind the point of what follows.
const POINT: u32 = 16;

/// BT.601: weights of red, green and blue in 1/2¹⁶, which sum up to 1.
const LUMA: [i32; 3] = [19_595, 38_470, 7_471];
/// What is left of blue, and of red, without luma: ½ of (B − Y) / (1 − 0.114), and of R alike.
const BLUE: [i32; 3] = [-11_059, -21_709, 32_768];
const RED: [i32; 3] = [32_768, -27_439, -5_329];

fn luma(pixel: &[u8]) -> u8 {
    let [r, g, b] = [pixel[0], pixel[1], pixel[2]].map(i32::from);
    level(LUMA[0] * r + LUMA[1] * g + LUMA[2] * b, POINT)
}

/// Of the sum of four pixels' colours.
fn chroma([r, g, b]: [i32; 3]) -> [u8; 2] {
    let grey = 128 << (POINT + 2);
    [BLUE, RED].map(|of| level(of[0] * r + of[1] * g + of[2] * b + grey, POINT + 2))
}

fn level(number: i32, point: u32) -> u8 {
    let rounded = (number + (1 << (point - 1))) >> point;
    u8::try_from(rounded.clamp(0, 255)).unwrap_or(u8::MAX)
}

/// The sum of the four pixels in two rows of two or one.
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
    fn a_colour_becomes_luma_and_chroma_as_bt_601_has_it() {
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
    fn the_last_of_an_odd_number_of_rows_and_columns_counts_twice() {
        let red = [255, 0, 0, 9];
        let black = [0, 0, 0, 7];
        let bytes = [red, red, black, red, red, black, black, black, red].concat();
        let size = Size::new(3, 3);
        let mut frame = PixelBuffer::new(size, Channels::Rgba.eight_bit(), bytes);
        let picture = Picture::collect(&mut frame).unwrap();
        assert_eq!(picture.luma, [76, 76, 0, 76, 76, 0, 0, 0, 76]);
        assert_eq!(picture.chroma.unwrap(), [[85, 128, 128, 85], [255, 128, 128, 255]]);
        assert_eq!(picture.alpha.unwrap(), [9, 9, 7, 9, 9, 7, 7, 7, 9]);
    }

    #[test]
    fn grey_has_no_chroma() {
        let mut frame =
            PixelBuffer::new(Size::new(2, 1), Channels::GreyAlpha.eight_bit(), vec![1, 2, 3, 4]);
        let picture = Picture::collect(&mut frame).unwrap();
        assert_eq!((picture.luma, picture.alpha), (vec![1, 3], Some(vec![2, 4])));
        assert!(picture.chroma.is_none());
    }

    #[test]
    fn no_still_is_begun_when_the_time_is_up() {
        let mut frame = PixelBuffer::new(Size::new(2, 1), Channels::Rgba.eight_bit(), vec![7; 8]);
        let mut out = Counted { out: Vec::new(), byte_len: 0, blame: Default::default() };
        let up = TimeBudget::start(Duration::ZERO);
        let refused = encode(&mut frame, Quality::AVIF_DEFAULT, Speed::DEFAULT, &up, &mut out);
        assert!(
            matches!(refused, Err(RenderError::Rejected(Rejection::TooMuchTime { .. }))),
            "{refused:?}"
        );
        assert_eq!(out.byte_len, 0);
    }

    #[test]
    fn quality_spans_libaoms_scale() {
        for (quality, expected) in [(1, 62), (50, 32), (60, 25), (99, 1), (100, 0)] {
            assert_eq!(quantizer(quality), expected, "quality {quality}");
        }
    }
}
