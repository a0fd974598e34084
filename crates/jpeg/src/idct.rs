//! The inverse DCT: from the coefficients of a block to its pixels, at full scale or at a smaller one.
//!
//! At n/8, the n×n lowest coefficients are transformed as a block of n×n pixels. Higher coefficients cannot be shown by
//! so few pixels. (For 2 and 4, libjpeg takes the means of pixels instead, which needs all coefficients, and is
//! softer.)

use std::array::from_fn;

use crate::block::Block;

/// The scale at which a component is decoded, by how many pixels are made of each side of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scale {
    /// 1 of 8 pixels: the block's mean.
    Eighth,
    /// 2 of 8 pixels.
    Quarter,
    /// 3 of 8 pixels.
    ThreeEighths,
    /// 4 of 8 pixels.
    Half,
    /// All 8 pixels.
    Full,
}

impl Scale {
    /// All scales, from the smallest to the largest.
    pub const ALL: [Scale; 5] = [Scale::Eighth, Scale::Quarter, Scale::ThreeEighths, Scale::Half, Scale::Full];

    /// The n of n/8.
    pub fn eighths(self) -> u8 {
        match self {
            Scale::Eighth => 1,
            Scale::Quarter => 2,
            Scale::ThreeEighths => 3,
            Scale::Half => 4,
            Scale::Full => 8,
        }
    }

    /// The index in zigzag order of the last coefficient that the scale needs.
    pub(crate) fn last_coefficient(self) -> usize {
        match self {
            Scale::Eighth => 0,
            Scale::Quarter => 4,
            Scale::ThreeEighths => 12,
            Scale::Half => 24,
            Scale::Full => 63,
        }
    }
}

/// The transform at full scale: it multiplies the coefficients with the quantisation table, and writes eight rows of
/// eight pixels to rows of `stride` bytes, from the byte `at` on. The arguments are the table, the coefficients, the
/// rows, `stride` and `at`.
///
/// It is a parameter of the decoder, so that a caller can pass SIMD code: this crate has none, since it has no unsafe
/// code. [`idct_8x8`] is the portable one.
pub type Idct8x8 = fn(&Block, &Block, &mut [u8], usize, usize);

/// The transform of one component's blocks to pixels.
pub(crate) struct Transform {
    pub(crate) scale: Scale,
    pub(crate) quant_table: Block,
    pub(crate) idct_8x8: Idct8x8,
}

impl Transform {
    /// Writes a block's pixels to rows of `stride` bytes, from the byte `at` on.
    #[inline]
    pub(crate) fn write(&self, block: &Block, rows: &mut [u8], stride: usize, at: usize) {
        let quant_table = &self.quant_table;
        match self.scale {
            Scale::Eighth => rows[at] = mean(quant_table, block),
            Scale::Quarter => transform(&BASIS_2, quant_table, block, rows, stride, at),
            Scale::ThreeEighths => transform(&BASIS_3, quant_table, block, rows, stride, at),
            Scale::Half => transform(&BASIS_4, quant_table, block, rows, stride, at),
            Scale::Full => (self.idct_8x8)(quant_table, block, rows, stride, at),
        }
    }
}

/// The portable [`Idct8x8`]: within one level of the exact result, and slower than SIMD code by several times.
///
/// # Panics
/// If `rows` is too short for eight rows of eight pixels from `at` on.
pub fn idct_8x8(quant_table: &Block, block: &Block, rows: &mut [u8], stride: usize, at: usize) {
    transform(&BASIS_8, quant_table, block, rows, stride, at);
}

#[inline(always)]
fn mean(quant_table: &Block, block: &Block) -> u8 {
    to_level((dequantise::<1>(quant_table, block, 0) + 4) >> 3)
}

/// √2 cos((2i+1)kπ/2n) for pixel i and coefficient k, and 1 for coefficient 0, in 1/4096.
type Basis<const N: usize> = [[i32; N]; N];

const BASIS_2: Basis<2> = [[4096, 4096], [4096, -4096]];
const BASIS_3: Basis<3> = [[4096, 5017, 2896], [4096, 0, -5793], [4096, -5017, 2896]];
const BASIS_4: Basis<4> =
    [[4096, 5352, 4096, 2217], [4096, 2217, -4096, -5352], [4096, -2217, -4096, 5352], [4096, -5352, 4096, -2217]];
#[rustfmt::skip]
const BASIS_8: Basis<8> = [
    [4096,  5681,  5352,  4816,  4096,  3218,  2217,  1130],
    [4096,  4816,  2217, -1130, -4096, -5681, -5352, -3218],
    [4096,  3218, -2217, -5681, -4096,  1130,  5352,  4816],
    [4096,  1130, -5352, -3218,  4096,  4816, -2217, -5681],
    [4096, -1130, -5352,  3218,  4096, -4816, -2217,  5681],
    [4096, -3218, -2217,  5681, -4096, -1130,  5352, -4816],
    [4096, -4816,  2217,  1130, -4096,  5681, -5352,  3218],
    [4096, -5681,  5352, -4816,  4096, -3218,  2217, -1130],
];

/// Transforms the columns first, whose results keep two bits of fraction, and then the rows.
#[inline(always)]
fn transform<const N: usize>(
    basis: &Basis<N>,
    quant_table: &Block,
    block: &Block,
    rows: &mut [u8],
    stride: usize,
    at: usize,
) {
    let values: [[i32; N]; N] = from_fn(|v| from_fn(|u| dequantise::<N>(quant_table, block, 8 * v + u)));
    for (y, down) in basis.iter().enumerate() {
        let column: [i32; N] = from_fn(|u| {
            let sum: i32 = down.iter().zip(&values).map(|(weight, row)| weight * row[u]).sum();
            (sum + (1 << 9)) >> 10
        });
        let out = &mut rows[at + y * stride..][..N];
        for (out, across) in out.iter_mut().zip(basis) {
            let sum: i32 = across.iter().zip(&column).map(|(weight, value)| weight * value).sum();
            // 17 bits: 12 of the basis, 2 of the columns' fraction, and 3 for the factor 1/8.
            *out = to_level((sum + (1 << 16)) >> 17);
        }
    }
}

/// A coefficient times its quantisation step, clamped so that the sums of [`transform`] fit into 32 bits. Coefficients
/// of 8-bit samples are within ±1,400 or so: only a corrupt file has larger ones.
#[inline(always)]
fn dequantise<const N: usize>(quant_table: &Block, block: &Block, at: usize) -> i32 {
    // The absolute values in a row of the basis add up to 30,606 for 8×8, and to at most 15,761 for the smaller ones.
    // Both passes multiply by that, with a shift by 10 between them.
    let limit = const { if N == 8 { 2047 } else { 4095 } };
    (i32::from(block.0[at]) * i32::from(quant_table.0[at])).clamp(-limit, limit)
}

#[inline(always)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped
fn to_level(around_zero: i32) -> u8 {
    (around_zero + 128).clamp(0, 255) as u8
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
mod tests {
    use std::f64::consts::{FRAC_1_SQRT_2, PI};

    use super::*;

    /// ITU-T T.81, A.3.3, with n coefficients and n pixels along each axis.
    fn exact(n: usize, block: &Block, x: usize, y: usize) -> f64 {
        let weight = |k: usize| if k == 0 { FRAC_1_SQRT_2 } else { 1.0 };
        let wave = |at: usize, k: usize| weight(k) * ((2 * at + 1) as f64 * k as f64 * PI / (2 * n) as f64).cos();
        let terms = (0..n * n).map(|k| wave(x, k % n) * wave(y, k / n) * f64::from(block.0[8 * (k / n) + k % n]));
        terms.sum::<f64>() / 4.0 + 128.0
    }

    #[test]
    fn every_scale_is_within_a_level_of_the_definition() {
        let mut state = 1u32;
        for _ in 0..200 {
            let mut block = Block::default();
            for (at, value) in block.0.iter_mut().enumerate() {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Higher coefficients are smaller, as in photographs.
                *value = (f64::from(state >> 16) - 32_768.0) as i16 / (64 + 16 * at as i16);
            }
            for scale in Scale::ALL {
                let n = usize::from(scale.eighths());
                let mut rows = [0; 64];
                let transform = Transform { scale, quant_table: Block([1; 64]), idct_8x8 };
                transform.write(&block, &mut rows, 8, 0);
                for (x, y) in (0..n * n).map(|at| (at % n, at / n)) {
                    let expected = exact(n, &block, x, y).clamp(0.0, 255.0);
                    let found = f64::from(rows[8 * y + x]);
                    assert!((found - expected).abs() < 1.01, "{scale:?}: {found}, not {expected}");
                }
            }
        }
    }

    #[test]
    fn the_last_coefficient_is_the_corner_of_the_lowest_ones() {
        for scale in Scale::ALL {
            let n = scale.eighths();
            let corner = crate::block::ZIGZAG.iter().position(|&at| at == 9 * (n - 1));
            assert_eq!(corner, Some(scale.last_coefficient()), "{scale:?}");
        }
    }

    #[test]
    fn the_largest_coefficients_do_not_overflow() {
        for value in [i16::MIN, i16::MAX] {
            for scale in Scale::ALL {
                let transform = Transform { scale, quant_table: Block([i16::MAX; 64]), idct_8x8 };
                let mut rows = [128; 64];
                transform.write(&Block([value; 64]), &mut rows, 8, 0);
                let expected = if value < 0 { 0 } else { 255 };
                assert_eq!(rows[0], expected, "{scale:?}");
            }
        }
    }
}
