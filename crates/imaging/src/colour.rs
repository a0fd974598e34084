//! Whatever colours a picture was stored in, brought to 8-bit sRGB: that is what every rendition is
//! in, and what everybody takes a picture without a profile to be.
//!
//! This comes after the resize, when there is little left to convert. A profile that makes no sense
//! costs nobody the picture: it is ignored, as browsers do.

use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, TransformExecutor, TransformOptions};

use crate::raster::{Channels, Depth, PixelFormat, Rows};
use crate::{RenderError, Size};

/// Brings rows in the colours of an ICC profile to sRGB; without one, they are taken to be in it.
pub(crate) fn to_srgb<'a>(rows: Box<dyn Rows + 'a>, profile: Option<&[u8]>) -> Box<dyn Rows + 'a> {
    let pixel_format = rows.pixel_format();
    let transform = profile.and_then(|profile| Transform::of(profile, pixel_format));
    if transform.is_none()
        && pixel_format.depth == Depth::Eight
        && pixel_format.channels != Channels::Cmyk
    {
        return rows;
    }
    Box::new(Srgb { rows, transform, stored: Vec::new() })
}

struct Srgb<'a> {
    rows: Box<dyn Rows + 'a>,
    transform: Option<Transform>,
    stored: Vec<u8>,
}

impl Rows for Srgb<'_> {
    fn size(&self) -> Size {
        self.rows.size()
    }

    fn pixel_format(&self) -> PixelFormat {
        match self.rows.pixel_format().channels {
            Channels::Cmyk => Channels::Rgb.eight_bit(),
            channels => channels.eight_bit(),
        }
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let (from, to) = (self.rows.pixel_format(), self.pixel_format());
        self.stored.resize(out.len() / to.pixel_bytes() * from.pixel_bytes(), 0);
        self.rows.read(&mut self.stored)?;
        match (&mut self.transform, from.channels, from.depth) {
            (Some(transform), ..) => transform.apply(&self.stored, out),
            (None, Channels::Cmyk, _) => print(&self.stored, out),
            (None, _, Depth::Sixteen) => narrow(&self.stored, out),
            (None, ..) => out.copy_from_slice(&self.stored),
        }
        Ok(())
    }
}

/// 16 bits to 8, to the nearest.
fn narrow(wide: &[u8], out: &mut [u8]) {
    for (&wide, out) in wide.as_chunks().0.iter().zip(out) {
        *out = nearest_of_16(u16::from_ne_bytes(wide));
    }
}

fn nearest_of_16(wide: u16) -> u8 {
    // 65,535 / 255 = 257
    ((u32::from(wide) + 128) / 257).to_le_bytes()[0]
}

/// Inks on white paper, by the rule of thumb: each lets through what the others leave.
fn print(inks: &[u8], rgb: &mut [u8]) {
    for (&[c, m, y, k], rgb) in inks.as_chunks().0.iter().zip(rgb.as_chunks_mut().0) {
        *rgb = [c, m, y].map(|ink| {
            let light = u16::from(255 - ink) * u16::from(255 - k) + 127;
            // Exact division by 255 of what fits 16 bits.
            ((light + 1 + (light >> 8)) >> 8).to_le_bytes()[0]
        });
    }
}

/// From a profile's colours to sRGB.
struct Transform {
    executor: Executor,
    from: PixelFormat,
    /// What the executor writes, where that is more than the rows have: grey comes out as three.
    made: Vec<u8>,
}

enum Executor {
    Eight(Arc<dyn TransformExecutor<u8> + Send + Sync>),
    Sixteen(Arc<dyn TransformExecutor<u16> + Send + Sync>),
}

impl Transform {
    /// `None` for a profile that is broken, is of another kind than the picture, or is sRGB.
    fn of(profile: &[u8], from: PixelFormat) -> Option<Self> {
        use moxcms::Layout as Moxcms;
        let profile = ColorProfile::new_from_slice(profile).ok()?;
        let (space, source, target) = match from.channels {
            Channels::Grey => (DataColorSpace::Gray, Moxcms::Gray, Moxcms::Rgb),
            Channels::GreyAlpha => (DataColorSpace::Gray, Moxcms::GrayAlpha, Moxcms::Rgba),
            Channels::Rgb => (DataColorSpace::Rgb, Moxcms::Rgb, Moxcms::Rgb),
            Channels::Rgba => (DataColorSpace::Rgb, Moxcms::Rgba, Moxcms::Rgba),
            Channels::Cmyk => (DataColorSpace::Cmyk, Moxcms::Rgba, Moxcms::Rgb),
        };
        if profile.color_space != space {
            return None;
        }
        let srgb = ColorProfile::new_srgb();
        let options = TransformOptions::default();
        let executor = match from.depth {
            Depth::Eight => {
                Executor::Eight(profile.create_transform_8bit(source, &srgb, target, options).ok()?)
            }
            Depth::Sixteen => Executor::Sixteen(
                profile.create_transform_16bit(source, &srgb, target, options).ok()?,
            ),
        };
        let mut transform = Transform { executor, from, made: Vec::new() };
        (!transform.is_identity()).then_some(transform)
    }

    fn apply(&mut self, stored: &[u8], out: &mut [u8]) {
        let pixels = stored.len() / self.from.pixel_bytes();
        let channels = match self.from.channels {
            Channels::Grey | Channels::Rgb | Channels::Cmyk => 3,
            Channels::GreyAlpha | Channels::Rgba => 4,
        };
        self.made.resize(pixels * channels, 0);
        let result = match &self.executor {
            Executor::Eight(executor) => executor.transform(stored, &mut self.made),
            Executor::Sixteen(executor) => {
                let wide: Vec<u16> =
                    stored.as_chunks().0.iter().map(|&two| u16::from_ne_bytes(two)).collect();
                let mut made = vec![0u16; pixels * channels];
                let result = executor.transform(&wide, &mut made);
                for (wide, made) in made.into_iter().zip(&mut self.made) {
                    *made = nearest_of_16(wide);
                }
                result
            }
        };
        // The one thing that it can complain of is lengths.
        debug_assert!(result.is_ok(), "{result:?}");
        match self.from.channels {
            Channels::Grey => pick(&self.made, out, |[red, _, _]: [u8; 3]| [red]),
            Channels::GreyAlpha => {
                pick(&self.made, out, |[red, _, _, alpha]: [u8; 4]| [red, alpha])
            }
            _ => out.copy_from_slice(&self.made),
        }
    }

    /// Whether no colour changes by more than a level: sRGB by another name, of which most are.
    fn is_identity(&mut self) -> bool {
        if self.from != Channels::Rgb.eight_bit() {
            return false;
        }
        let levels = || (0..=255u8).step_by(17);
        let colours: Vec<u8> = levels()
            .flat_map(|r| levels().flat_map(move |g| levels().flat_map(move |b| [r, g, b])))
            .collect();
        let mut made = vec![0; colours.len()];
        self.apply(&colours, &mut made);
        colours.iter().zip(&made).all(|(a, b)| a.abs_diff(*b) <= 1)
    }
}

fn pick<const N: usize, const M: usize>(
    from: &[u8],
    to: &mut [u8],
    pick: impl Fn([u8; N]) -> [u8; M],
) {
    for (&from, to) in from.as_chunks().0.iter().zip(to.as_chunks_mut().0) {
        *to = pick(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bits_are_rounded_to_the_nearest_of_eight() {
        for (wide, narrow) in
            [(0, 0), (128, 0), (129, 1), (257, 1), (32_768, 128), (65_406, 254), (65_535, 255)]
        {
            assert_eq!(nearest_of_16(wide), narrow, "{wide}");
        }
    }

    #[test]
    fn inks_darken_white_paper() {
        let cases = [
            ([0, 0, 0, 0], [255, 255, 255]),
            ([255, 0, 0, 0], [0, 255, 255]),
            ([0, 0, 0, 255], [0, 0, 0]),
            ([0, 128, 255, 0], [255, 127, 0]),
            ([51, 51, 51, 51], [163, 163, 163]),
        ];
        for (inks, rgb) in cases {
            let mut out = [0; 3];
            print(&inks, &mut out);
            assert_eq!(out, rgb, "{inks:?}");
        }
    }
}
