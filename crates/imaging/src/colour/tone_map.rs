//! PQ and HLG to sRGB, as Chromium shows them on a screen without HDR: reference white becomes darker than the screen's
//! white, so that highlights up to the brightest pixel keep their shape.
//!
//! - PQ is light in cd/m². HLG becomes the light of a display of 1,000 cd/m² (ITU-R BT.2100).
//! - The gain is a function of the largest of red, green and blue in BT.2020, so that no hue shifts: the reference white
//!   tone mapping operator of SMPTE ST 2094-50, annex C, for a screen without headroom.

use std::sync::{Arc, LazyLock};

use moxcms::{ColorPrimaries, ColorProfile, Matrix3d, WHITE_POINT_D65};

use super::cicp::{Hdr, HdrTransfer};
use super::gain_curve::GainCurve;
use crate::raster::{Channels, Depth, FixedPixelSize, PixelFormat};

/// The light of diffuse white in cd/m² (ITU-R BT.2408). Light is counted in multiples of it.
const REFERENCE_WHITE_NITS: f32 = 203.0;
/// The light of the brightest pixel, if the file does not say it.
const DEFAULT_PEAK_NITS: f32 = 1000.0;
/// The brightest light of the display that HLG is made for.
const HLG_DISPLAY_NITS: f32 = 1000.0;

/// The weights of red, green and blue in the luminance of BT.2020.
const BT2020_LUMINANCE: [f32; 3] = [0.2627, 0.6780, 0.0593];

type Matrix = [[f32; 3]; 3];

/// A transform from PQ or HLG to sRGB. Clones share its tables.
#[derive(Clone)]
pub(super) struct ToneMap {
    transfer: HdrTransfer,
    from: PixelFormat,
    /// The light of each level: for PQ in multiples of reference white, for HLG of the scene, from 0 to 1.
    light: Arc<[f32]>,
    to_bt2020: Matrix,
    to_srgb: Matrix,
    gain: GainCurve,
}

impl ToneMap {
    /// From the primaries of `space`, whose curves do not matter. `from` is grey or RGB.
    pub(super) fn new(Hdr { transfer, peak_nits }: Hdr, space: &ColorProfile, from: PixelFormat) -> Self {
        debug_assert_ne!(from.channels, Channels::Cmyk);
        let mut bt2020 = ColorProfile::new_srgb();
        bt2020.update_rgb_colorimetry(WHITE_POINT_D65, ColorPrimaries::BT_2020);
        let levels = if from.depth == Depth::Sixteen { 65_536_u32 } else { 256 };
        let max = f64::from(levels - 1);
        let light = |level: u32| match transfer {
            HdrTransfer::Pq => pq_nits(f64::from(level) / max) / f64::from(REFERENCE_WHITE_NITS),
            HdrTransfer::Hlg => hlg_scene_light(f64::from(level) / max),
        };
        let peak = peak_nits.unwrap_or(DEFAULT_PEAK_NITS) / REFERENCE_WHITE_NITS;
        ToneMap {
            transfer,
            from,
            light: (0..levels).map(|level| narrow(light(level))).collect(),
            to_bt2020: single(space.transform_matrix(&bt2020)),
            to_srgb: single(bt2020.transform_matrix(&ColorProfile::new_srgb())),
            gain: GainCurve::new(peak),
        }
    }

    pub(super) fn transfer(&self) -> HdrTransfer {
        self.transfer
    }

    /// Transforms `source` into 8-bit sRGB pixels with the same channels.
    pub(super) fn apply(&self, source: &[u8], out: &mut [u8]) {
        let channels = self.from.channels.count();
        let sample_bytes = self.from.pixel_bytes() / channels;
        let level = |sample: &[u8]| match *sample {
            [low, high] => usize::from(u16::from_ne_bytes([low, high])),
            _ => usize::from(sample[0]),
        };
        for (source, out) in source.chunks_exact(channels * sample_bytes).zip(out.chunks_exact_mut(channels)) {
            let mut levels = source.chunks_exact(sample_bytes).map(level);
            let mut light = || self.light[levels.next().unwrap_or(0)];
            match (self.from.channels, &mut *out) {
                (Channels::Grey | Channels::GreyAlpha, [grey, ..]) => [*grey, ..] = self.to_srgb([light(); 3]),
                (_, [red, green, blue, ..]) => [*red, *green, *blue] = self.to_srgb([light(), light(), light()]),
                _ => {}
            }
            if let (true, Some(alpha)) = (self.from.channels.has_alpha(), out.last_mut()) {
                // The most significant byte would be 1/255 too dark or too bright for some levels.
                *alpha = match sample_bytes {
                    2 => super::samples::nearest_eight_bit(u16::from_ne_bytes([
                        source[source.len() - 2],
                        source[source.len() - 1],
                    ])),
                    _ => source[source.len() - 1],
                };
            }
        }
    }

    /// From the light of the picture's primaries to levels of sRGB.
    fn to_srgb(&self, light: [f32; 3]) -> [u8; 3] {
        let mut light = multiply(&self.to_bt2020, light);
        if self.transfer == HdrTransfer::Hlg {
            light = self.displayed_hlg(light);
        }
        let [red, green, blue] = light;
        let gain = self.gain.at(red.max(green).max(blue));
        multiply(&self.to_srgb, light.map(|light| light * gain)).map(srgb_level)
    }

    /// The light that a display shows for a scene, in multiples of reference white: the opto-optical transfer function.
    fn displayed_hlg(&self, scene: [f32; 3]) -> [f32; 3] {
        // The system gamma is 1.2 on a display of 1,000 cd/m².
        const GAMMA: f32 = 1.2;
        let luminance: f32 = BT2020_LUMINANCE.iter().zip(scene).map(|(weight, light)| weight * light).sum();
        let gain = luminance.max(0.0).powf(GAMMA - 1.0) * HLG_DISPLAY_NITS / REFERENCE_WHITE_NITS;
        scene.map(|light| light * gain)
    }
}

/// The light of a PQ level from 0 to 1, in cd/m² (SMPTE ST 2084).
fn pq_nits(level: f64) -> f64 {
    const M1: f64 = 2610.0 / 16_384.0;
    const M2: f64 = 2523.0 / 32.0;
    const C1: f64 = 3424.0 / 4096.0;
    const C2: f64 = 2413.0 / 128.0;
    const C3: f64 = 2392.0 / 128.0;
    let power = level.powf(1.0 / M2);
    10_000.0 * ((power - C1).max(0.0) / (C2 - C3 * power)).powf(1.0 / M1)
}

/// The light of the scene for an HLG level, both from 0 to 1 (ITU-R BT.2100).
fn hlg_scene_light(level: f64) -> f64 {
    const A: f64 = 0.178_832_77;
    const B: f64 = 0.284_668_92;
    const C: f64 = 0.559_910_73;
    if level <= 0.5 { level * level / 3.0 } else { (((level - C) / A).exp() + B) / 12.0 }
}

/// The nearest 8-bit level of sRGB. Light outside of 0 to 1 is clipped.
fn srgb_level(light: f32) -> u8 {
    // Between two neighbours, a level changes by at most 12.92 × 255 / 65,535, which is 1/20.
    const LAST: f32 = 65_535.0;
    static LEVELS: LazyLock<Box<[u8]>> = LazyLock::new(|| {
        let level = |index: u16| {
            let light = f32::from(index) / LAST;
            let level = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // within 0–255
            let level = (level * 255.0).round() as u8;
            level
        };
        (0..=u16::MAX).map(level).collect()
    });
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // within 0–65,535; not a number becomes 0
    let index = (light.clamp(0.0, 1.0) * LAST).round() as usize;
    LEVELS[index]
}

fn multiply(matrix: &Matrix, vector: [f32; 3]) -> [f32; 3] {
    matrix.map(|row| row.iter().zip(vector).map(|(weight, value)| weight * value).sum())
}

fn single(matrix: Matrix3d) -> Matrix {
    matrix.v.map(|row| row.map(narrow))
}

#[allow(clippy::cast_possible_truncation)] // rounded to the nearest
fn narrow(number: f64) -> f32 {
    number as f32
}
