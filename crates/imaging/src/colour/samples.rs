//! Conversions that need no colour profile: CMYK to RGB, and 16 bits per sample to 8.

/// Converts samples of 16 bits, in the machine's byte order, to the nearest samples of 8 bits.
pub(super) fn sixteen_to_eight_bit(wide: &[u8], out: &mut [u8]) {
    for (&wide, out) in wide.as_chunks().0.iter().zip(out) {
        *out = nearest_eight_bit(u16::from_ne_bytes(wide));
    }
}

/// The 8-bit level that is nearest to a 16-bit level.
pub(super) fn nearest_eight_bit(wide: u16) -> u8 {
    // 65,535 / 255 = 257
    ((u32::from(wide) + 128) / 257).to_le_bytes()[0]
}

/// Converts CMYK without a profile: red is (1 − cyan) × (1 − black), and green and blue likewise.
pub(super) fn cmyk_to_rgb(cmyk: &[u8], rgb: &mut [u8]) {
    for (&[c, m, y, k], rgb) in cmyk.as_chunks().0.iter().zip(rgb.as_chunks_mut().0) {
        *rgb = [c, m, y].map(|ink| {
            let product = u16::from(255 - ink) * u16::from(255 - k) + 127;
            // Exact division by 255, for numbers of 16 bits.
            ((product + 1 + (product >> 8)) >> 8).to_le_bytes()[0]
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_are_rounded_to_the_nearest_eight_bit_level() {
        for (wide, narrow) in [(0, 0), (128, 0), (129, 1), (257, 1), (32_768, 128), (65_406, 254), (65_535, 255)] {
            assert_eq!(nearest_eight_bit(wide), narrow, "{wide}");
        }
    }

    #[test]
    fn cmyk_without_a_profile_is_ink_on_white_paper() {
        let cases = [
            ([0, 0, 0, 0], [255, 255, 255]),
            ([255, 0, 0, 0], [0, 255, 255]),
            ([0, 0, 0, 255], [0, 0, 0]),
            ([0, 128, 255, 0], [255, 127, 0]),
            ([51, 51, 51, 51], [163, 163, 163]),
        ];
        for (cmyk, rgb) in cases {
            let mut out = [0; 3];
            cmyk_to_rgb(&cmyk, &mut out);
            assert_eq!(out, rgb, "{cmyk:?}");
        }
    }
}
