//! Which DCT scale a picture, or one component of it, is decoded at.

use baseline_jpeg::Scale;

use crate::Size;

/// A ratio of decoded pixels to pixels of the target, per side, as numerator and denominator.
pub(super) type Oversample = (u64, u64);

/// The smallest ratio for luma, and for channels that are decoded together.
// At 1:1, the DCT alone makes the small picture, which is visibly softer and aliased: 18 dB worse than a full decode.
// At 3:2, the resampling filter has what it needs.
pub(super) const MIN_OVERSAMPLE: Oversample = (3, 2);

/// The smallest ratio for chroma.
// Chroma is stored at half the size in most pictures, and is soft: there is less to spare, and less is needed.
pub(super) const MIN_CHROMA_OVERSAMPLE: Oversample = (5, 4);

/// The smallest scale at which `from` has at least `oversample` times the pixels of `to` on both sides. If no scale is
/// large enough, the full scale.
pub(super) fn smallest_scale(from: Size, to: Size, oversample: Oversample) -> Scale {
    let is_enough =
        |from: u32, to: u32, n: u8| u64::from(n) * u64::from(from) * oversample.1 >= 8 * u64::from(to) * oversample.0;
    let leaves_enough = |scale: &Scale| {
        let n = scale.eighths();
        is_enough(from.width, to.width, n) && is_enough(from.height, to.height, n)
    };
    Scale::ALL.into_iter().find(leaves_enough).unwrap_or(Scale::Full)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_is_the_smallest_with_enough_pixels() {
        let cases = [
            // stored, target, n of n/8
            ((4000, 3000), (300, 225), 1),
            ((4000, 3000), (334, 250), 2), // 500 px are not 3/2 of 334
            ((4000, 3000), (333, 250), 1),
            ((4000, 3000), (800, 600), 3),
            ((4000, 3000), (1000, 750), 3),
            ((4000, 3000), (1001, 751), 4),
            ((4000, 3000), (1440, 1080), 8),
            ((4000, 100), (300, 13), 2), // the shorter side decides as well
            ((4000, 3000), (4000, 3000), 8),
            ((1, 1), (1, 1), 8),
        ];
        for ((sw, sh), (w, h), n) in cases {
            let scale = smallest_scale(Size::new(sw, sh), Size::new(w, h), MIN_OVERSAMPLE);
            assert_eq!(scale.eighths(), n, "{sw}×{sh} to {w}×{h}");
        }
    }
}
