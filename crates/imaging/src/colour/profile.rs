//! How files describe their colours.

use moxcms::{Chromaticity, ColorPrimaries, ColorProfile, ToneReprCurve, XyY};

use super::cicp::Cicp;

/// The colours of a picture, as its file describes them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ColourProfile {
    /// An ICC profile, as the file has it.
    Icc(Vec<u8>),
    /// Primaries and transfer characteristics by number.
    Cicp(Cicp),
    /// A power function and primaries: gAMA and cHRM of a PNG.
    Gamma(GammaProfile),
}

/// A power function and primaries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GammaProfile {
    /// Light is the level, from 0 to 1, to the power of this number. It is positive.
    pub(crate) exponent: f32,
    /// The x and y of red, green, blue and white, from 0 to 1. `None` are those of sRGB.
    pub(crate) chromaticities: Option<[[f32; 2]; 4]>,
}

impl ColourProfile {
    /// The ICC profile of a file, if it has one.
    pub(crate) fn icc(profile: Option<Vec<u8>>) -> Vec<Self> {
        profile.map(ColourProfile::Icc).into_iter().collect()
    }
}

impl GammaProfile {
    /// The RGB space, unless the chromaticities are those of no space.
    pub(super) fn rgb_space(self) -> Option<ColorProfile> {
        let curve = ToneReprCurve::Parametric(vec![self.exponent]);
        let Some(chromaticities) = self.chromaticities else {
            return Some(with_curve(ColorProfile::new_srgb(), &curve));
        };
        // Twice the area of the triangle of the primaries. That of BT.709 is 0.22.
        const SMALLEST_AREA: f32 = 1e-4;
        let [[rx, ry], [gx, gy], [bx, by], _] = chromaticities;
        let area = (gx - rx) * (by - ry) - (bx - rx) * (gy - ry);
        let is_valid = |&[x, y]: &[f32; 2]| (0.0..=1.0).contains(&x) && (0.0..=1.0).contains(&y);
        if area.abs() < SMALLEST_AREA || chromaticities[3][1] <= 0.0 || !chromaticities.iter().all(is_valid) {
            return None;
        }
        let [red, green, blue, white] = chromaticities.map(|[x, y]| Chromaticity::new(x, y));
        Some(rgb_space(white.to_xyyb(), ColorPrimaries { red, green, blue }, &curve))
    }
}

/// A space of these primaries, which are not on a line.
pub(super) fn rgb_space(white: XyY, primaries: ColorPrimaries, curve: &ToneReprCurve) -> ColorProfile {
    let mut profile = ColorProfile::new_srgb();
    // Not by x / y and z / y, because y may be 0.
    let [red, green, blue] = [primaries.red, primaries.green, primaries.blue].map(|colour| colour.to_scaled_xyzd());
    profile.update_rgb_colorimetry_triplet(white, red, green, blue);
    with_curve(profile, curve)
}

fn with_curve(mut profile: ColorProfile, curve: &ToneReprCurve) -> ColorProfile {
    // The numbers of sRGB, which take precedence over the curves.
    profile.cicp = None;
    for channel in [&mut profile.red_trc, &mut profile.green_trc, &mut profile.blue_trc] {
        *channel = Some(curve.clone());
    }
    profile
}
