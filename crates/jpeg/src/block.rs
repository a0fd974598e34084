//! A block of 8×8 values, and the order in which a file stores them.

/// The 64 values of a block, or of a quantisation table, in rows of eight. Aligned to 32 bytes, so that SIMD code may
/// load whole rows.
#[derive(Clone)]
#[repr(C, align(32))]
pub struct Block(pub [i16; 64]);

impl Default for Block {
    // The decoder is generic, and compiled in the crate that names its reader. Without link-time optimisation, small
    // functions that are not generic are inlined there only if they say so.
    #[inline]
    fn default() -> Self {
        Block([0; 64])
    }
}

/// The index in a [`Block`] of each value, in the order in which a file stores the values (T.81, figure A.6).
#[rustfmt::skip]
pub(crate) const ZIGZAG: [u8; 64] = [
     0,  1,  8, 16,  9,  2,  3, 10, 17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];
