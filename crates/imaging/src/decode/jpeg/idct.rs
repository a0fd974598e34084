//! From the coefficients of a block to its pixels, at full scale or fewer.
//!
//! At n/8 the n×n lowest coefficients are transformed as a block of n×n pixels: all that so few
//! pixels can show. (For 2 and 4, libjpeg takes the means of pixels instead, which needs all
//! coefficients, and comes out softer.)

use std::array::from_fn;

use crate::ffi::libjpeg::{Block, idct_8x8};

/// How many pixels of a side of a block's eight are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scale {
    Eighth,
    Quarter,
    ThreeEighths,
    Half,
    Full,
}

impl Scale {
    /// The smallest first.
    pub(super) const ALL: [Scale; 5] =
        [Scale::Eighth, Scale::Quarter, Scale::ThreeEighths, Scale::Half, Scale::Full];

    pub(super) fn eighths(self) -> u8 {
        match self {
            Scale::Eighth => 1,
            Scale::Quarter => 2,
            Scale::ThreeEighths => 3,
            Scale::Half => 4,
            Scale::Full => 8,
        }
    }

    /// The last coefficient that anything is made of, in the order in which they are stored.
    pub(super) fn last_coefficient(self) -> usize {
        match self {
            Scale::Eighth => 0,
            Scale::Quarter => 4,
            Scale::ThreeEighths => 12,
            Scale::Half => 24,
            Scale::Full => 63,
        }
    }
}

/// Writes a block's pixels to rows of `stride` bytes, from the byte `at` on.
#[inline]
pub(super) fn idct(
    scale: Scale,
    steps: &Block,
    block: &Block,
    rows: &mut [u8],
    stride: usize,
    at: usize,
) {
    match scale {
        Scale::Eighth => rows[at] = mean(steps, block),
        Scale::Quarter => small(&HALVES, steps, block, rows, stride, at),
        Scale::ThreeEighths => small(&THIRDS, steps, block, rows, stride, at),
        Scale::Half => small(&QUARTERS, steps, block, rows, stride, at),
        Scale::Full => idct_8x8(steps, block, rows, stride, at),
    }
}

fn mean(steps: &Block, block: &Block) -> u8 {
    level((dequantised(steps, block, 0) + 4) >> 3)
}

/// √2 cos((2i+1)kπ/2n) for pixel i and coefficient k, and 1 for the zeroth, in 1/4096.
type Basis<const N: usize> = [[i32; N]; N];

const HALVES: Basis<2> = [[4096, 4096], [4096, -4096]];
const THIRDS: Basis<3> = [[4096, 5017, 2896], [4096, 0, -5793], [4096, -5017, 2896]];
const QUARTERS: Basis<4> = [
    [4096, 5352, 4096, 2217],
    [4096, 2217, -4096, -5352],
    [4096, -2217, -4096, 5352],
    [4096, -5352, 4096, -2217],
];

/// Columns first, which leaves two bits behind the point, then rows.
#[inline(always)]
fn small<const N: usize>(
    basis: &Basis<N>,
    steps: &Block,
    block: &Block,
    rows: &mut [u8],
    stride: usize,
    at: usize,
) {
    let values: [[i32; N]; N] = from_fn(|v| from_fn(|u| dequantised(steps, block, 8 * v + u)));
    for (y, down) in basis.iter().enumerate() {
        let column: [i32; N] = from_fn(|u| {
            let sum: i32 = down.iter().zip(&values).map(|(weight, row)| weight * row[u]).sum();
            (sum + (1 << 9)) >> 10
        });
        let out = &mut rows[at + y * stride..][..N];
        for (out, across) in out.iter_mut().zip(basis) {
            let sum: i32 = across.iter().zip(&column).map(|(weight, value)| weight * value).sum();
            // Besides the 12 bits of the basis and those two, an eighth.
            *out = level((sum + (1 << 16)) >> 17);
        }
    }
}

/// Within what sums of four can hold; those of a picture are within a quarter of that.
#[inline(always)]
fn dequantised(steps: &Block, block: &Block, at: usize) -> i32 {
    (i32::from(block.0[at]) * i32::from(steps.0[at])).clamp(-4095, 4095)
}

#[inline(always)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // clamped
fn level(around_zero: i32) -> u8 {
    (around_zero + 128).clamp(0, 255) as u8
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
mod tests {
    use std::f64::consts::{FRAC_1_SQRT_2, PI};

    use super::*;

    /// ITU-T T.81, A.3.3, with n coefficients and n pixels along each axis.
    fn slow(n: usize, block: &Block, x: usize, y: usize) -> f64 {
        let weight = |k: usize| if k == 0 { FRAC_1_SQRT_2 } else { 1.0 };
        let wave = |at: usize, k: usize| {
            weight(k) * ((2 * at + 1) as f64 * k as f64 * PI / (2 * n) as f64).cos()
        };
        let terms = (0..n * n)
            .map(|k| wave(x, k % n) * wave(y, k / n) * f64::from(block.0[8 * (k / n) + k % n]));
        terms.sum::<f64>() / 4.0 + 128.0
    }

    #[test]
    fn every_scale_is_within_a_level_of_the_slow_way() {
        let steps = Block([1; 64]);
        let mut state = 1u32;
        for _ in 0..200 {
            let mut block = Block::default();
            for (at, value) in block.0.iter_mut().enumerate() {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                // Falling off, as those of pictures do.
                *value = (f64::from(state >> 16) - 32_768.0) as i16 / (64 + 16 * at as i16);
            }
            for scale in Scale::ALL {
                let n = usize::from(scale.eighths());
                let mut rows = [0; 64];
                idct(scale, &steps, &block, &mut rows, 8, 0);
                for (x, y) in (0..n * n).map(|at| (at % n, at / n)) {
                    let expected = slow(n, &block, x, y).clamp(0.0, 255.0);
                    let found = f64::from(rows[8 * y + x]);
                    assert!((found - expected).abs() < 1.01, "{scale:?}: {found}, not {expected}");
                }
            }
        }
    }

    #[test]
    fn the_last_coefficient_is_that_of_the_corner() {
        for scale in Scale::ALL {
            let n = scale.eighths();
            let corner = super::super::huffman::ZIGZAG.iter().position(|&at| at == 9 * (n - 1));
            assert_eq!(corner, Some(scale.last_coefficient()), "{scale:?}");
        }
    }
}
