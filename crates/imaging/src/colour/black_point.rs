//! Black point compensation for CMYK: the darkest ink becomes black.
//!
//! Ink on paper reflects a few percent of the light, and a profile says so: full ink is (32, 31, 31) and black alone
//! (60, 60, 63) in the SWOP profile. On a screen, that is a grey veil. Printing software compensates (Adobe's
//! "Black Point Compensation", ISO 18619): light is scaled such that the darkest ink reflects none, and paper all.
//! ImageMagick, sharp and Pillow do the same by default. Chromium does not, but it also takes black ink for a mixture of
//! the three others, so it is no reference here.

use super::samples::nearest_eight_bit;

/// From sRGB levels of 16 bits to compensated levels of 8 bits.
pub(super) type Levels = [u8; 1 << 16];

/// A table that compensates for the darkest colour of a profile, in sRGB of 16 bits.
pub(super) fn compensation(darkest: [u16; 3]) -> Box<Levels> {
    let [red, green, blue] = darkest.map(light);
    // The luminance of sRGB's primaries.
    let black = (0.2126 * red + 0.7152 * green + 0.0722 * blue).min(LIGHTEST_BLACK);
    let levels = (0..=u16::MAX).map(|level| {
        let light = (light(level) - black) / (1.0 - black);
        nearest_eight_bit(level_of(light))
    });
    let levels: Box<[u8]> = levels.collect();
    levels.try_into().expect("a level for each of 16 bits")
}

/// A profile whose darkest colour is lighter is broken, and is not compensated any further. L* = 50, as in Little CMS.
const LIGHTEST_BLACK: f64 = 0.184;

/// Linear light of an sRGB level (IEC 61966-2-1).
fn light(level: u16) -> f64 {
    let level = f64::from(level) / f64::from(u16::MAX);
    if level <= 0.040_45 { level / 12.92 } else { ((level + 0.055) / 1.055).powf(2.4) }
}

/// The sRGB level of linear light.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // the level is clamped
fn level_of(light: f64) -> u16 {
    let level = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
    (level.clamp(0.0, 1.0) * f64::from(u16::MAX)).round() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compensated(darkest: u8, level: u8) -> u8 {
        compensation([u16::from(darkest) * 257; 3])[usize::from(level) * 257]
    }

    #[test]
    fn the_darkest_colour_becomes_black_and_white_stays_white() {
        for darkest in [0, 1, 33, 60, 100] {
            assert_eq!(compensated(darkest, darkest), 0);
            assert_eq!(compensated(darkest, darkest / 2), 0);
            assert_eq!(compensated(darkest, 255), 255);
        }
    }

    #[test]
    fn without_a_veil_nothing_changes() {
        for level in 0..=255 {
            assert_eq!(compensated(0, level), level);
        }
    }

    #[test]
    fn light_is_scaled_as_the_standard_says() {
        // Light of 32 is 0.01444, of 60 0.04519. (0.04519 − 0.01444) / (1 − 0.01444) = 0.0312, which is level 49.
        assert_eq!(compensated(32, 60), 49);
        // Half of the levels is 0.21586 of the light: 0.20437, which is level 125.
        assert_eq!(compensated(32, 128), 125);
    }

    #[test]
    fn a_profile_without_any_dark_colour_is_not_turned_black() {
        assert!(compensated(255, 254) > 200);
    }
}
