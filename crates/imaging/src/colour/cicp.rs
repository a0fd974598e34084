//! Coding-independent code points (ITU-T H.273): primaries and transfer characteristics as numbers, in PNG's cICP chunk
//! and in the nclx box of HEIF.
//!
//! What each number means is what Chromium shows for it, which is not always what H.273 says: see [`Curve`].

use moxcms::{
    Chromaticity, CicpColorPrimaries, CicpProfile, ColorPrimaries, ColorProfile, MatrixCoefficients, ToneReprCurve,
    WHITE_POINT_D65, XyY,
};
use serde::{Deserialize, Serialize};

use super::profile::rgb_space;

/// The colours of a picture, by the numbers of ITU-T H.273. The picture is RGB; matrix and range are the decoder's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Cicp {
    primaries: u8,
    curve: Curve,
    peak_nits: Option<f32>,
}

/// The transfer function of a high dynamic range. A rendition is not HDR, so its colours were tone-mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HdrTransfer {
    /// Perceptual quantiser (SMPTE ST 2084): levels are absolute, from 0 to 10,000 cd/m².
    Pq,
    /// Hybrid log-gamma (ITU-R BT.2100): levels are relative to a display of 1,000 cd/m².
    Hlg,
}

/// What tone mapping needs of a picture with a high dynamic range.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hdr {
    pub(super) transfer: HdrTransfer,
    /// The light of the brightest pixel in cd/m², if the file says it.
    pub(super) peak_nits: Option<f32>,
}

/// From levels to light.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Curve {
    /// A standard dynamic range: the parameters of an ICC parametric curve.
    Sdr(&'static [f32]),
    Hdr(HdrTransfer),
}

const LINEAR: &[f32] = &[1.0];
const GAMMA_22: &[f32] = &[2.2];
const GAMMA_28: &[f32] = &[2.8];
// What displays do with video (ITU-R BT.1886), not the inverse of what cameras do.
const VIDEO: &[f32] = &[2.4];
const SRGB: &[f32] = &[2.4, 1.0 / 1.055, 0.055 / 1.055, 1.0 / 12.92, 0.040_45];
const SMPTE_240: &[f32] = &[1.0 / 0.45, 1.0 / 1.1115, 0.1115 / 1.1115, 0.25, 0.0913];
// (52.37 / 48)^(1 / 2.6): white is at 48 of 52.37 cd/m².
const CINEMA: &[f32] = &[2.6, 1.034_08, 0.0];

impl Cicp {
    /// The colours of a PNG. Returns `None` for numbers that are reserved, unspecified, or that browsers do not know.
    pub(crate) fn of_png(primaries: u8, transfer: u8) -> Option<Self> {
        let curve = match transfer {
            1 | 6 | 11 | 14 | 15 => Curve::Sdr(VIDEO),
            4 => Curve::Sdr(GAMMA_22),
            5 => Curve::Sdr(GAMMA_28),
            7 => Curve::Sdr(SMPTE_240),
            8 => Curve::Sdr(LINEAR),
            13 => Curve::Sdr(SRGB),
            16 => Curve::Hdr(HdrTransfer::Pq),
            17 => Curve::Sdr(CINEMA),
            18 => Curve::Hdr(HdrTransfer::Hlg),
            _ => return None,
        };
        let cicp = Cicp { primaries, curve, peak_nits: None };
        chromaticities(primaries).map(|_| cicp)
    }

    /// The colours of a picture that a video codec compressed: AVIF and HEIC.
    ///
    /// Browsers take the curves of video for the one of sRGB there. Numbers that they do not know are those of sRGB.
    pub(crate) fn of_video(primaries: u8, transfer: u8) -> Self {
        let primaries = if chromaticities(primaries).is_some() { primaries } else { 1 };
        let curve = match Cicp::of_png(primaries, transfer) {
            Some(Cicp { curve, .. }) if curve != Curve::Sdr(VIDEO) => curve,
            _ => Curve::Sdr(SRGB),
        };
        Cicp { primaries, curve, peak_nits: None }
    }

    /// The colours of an ICC profile for RGB by its numbers, which browsers prefer to its tables. Returns `None` if they do
    /// not know these numbers.
    pub(super) fn of_icc(numbers: CicpProfile) -> Option<Self> {
        let (primaries, transfer) = (numbers.color_primaries as u8, numbers.transfer_characteristics as u8);
        let cicp = Cicp::of_png(primaries, transfer).map(|_| Cicp::of_video(primaries, transfer))?;
        let is_rgb = numbers.matrix_coefficients == MatrixCoefficients::Identity && numbers.full_range;
        // Some writers say a matrix in profiles for PQ and HLG, whose tables have another meaning in each program.
        (is_rgb || matches!(cicp.curve, Curve::Hdr(_))).then_some(cicp)
    }

    /// Sets the light of the brightest pixel in cd/m², if the file says it. It matters to tone mapping only.
    pub(crate) fn with_peak(self, peak_nits: Option<f32>) -> Self {
        Cicp { peak_nits, ..self }
    }

    /// The space, and what tone mapping needs for PQ and HLG. Their space has the curve of sRGB, which has no meaning.
    pub(super) fn read(self) -> Option<(ColorProfile, Option<Hdr>)> {
        let (curve, hdr) = match self.curve {
            Curve::Sdr(parameters) => (parameters, None),
            Curve::Hdr(transfer) => (SRGB, Some(Hdr { transfer, peak_nits: self.peak_nits })),
        };
        let (white, primaries) = chromaticities(self.primaries)?;
        Some((rgb_space(white, primaries, &ToneReprCurve::Parametric(curve.to_vec())), hdr))
    }
}

fn chromaticities(primaries: u8) -> Option<(XyY, ColorPrimaries)> {
    let known = CicpColorPrimaries::try_from(primaries).ok()?;
    let white = match known {
        CicpColorPrimaries::Bt470M | CicpColorPrimaries::GenericFilm => Chromaticity::new(0.310, 0.316).to_xyyb(),
        CicpColorPrimaries::Xyz => Chromaticity::new(1.0 / 3.0, 1.0 / 3.0).to_xyyb(),
        CicpColorPrimaries::Smpte431 => Chromaticity::new(0.314, 0.351).to_xyyb(),
        _ => WHITE_POINT_D65,
    };
    Some((white, ColorPrimaries::try_from(known).ok()?))
}
