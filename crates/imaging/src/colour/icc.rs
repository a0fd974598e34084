//! Transforms from the colours of an ICC profile to sRGB, computed by `moxcms`.

use std::sync::Arc;

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformExecutor, TransformOptions};

use super::samples::nearest_eight_bit;
use crate::raster::{Channels, Depth, FixedPixelSize, PixelFormat};

/// A transform from a profile's colours to sRGB. Clones share its tables.
#[derive(Clone)]
pub(super) struct IccTransform {
    executor: Executor,
    from: PixelFormat,
}

#[derive(Clone)]
enum Executor {
    EightBit(Arc<dyn TransformExecutor<u8> + Send + Sync>),
    SixteenBit(Arc<dyn TransformExecutor<u16> + Send + Sync>),
}

impl IccTransform {
    /// Returns `None` if the profile is broken, is for other channels than the picture's, or changes no colour.
    pub(super) fn new(profile: &[u8], from: PixelFormat) -> Option<Self> {
        let profile = ColorProfile::new_from_slice(profile).ok()?;
        // moxcms has no layout for CMYK: `Rgba` means four channels there.
        let (space, source, target) = match from.channels {
            Channels::Grey => (DataColorSpace::Gray, Layout::Gray, Layout::Rgb),
            Channels::GreyAlpha => (DataColorSpace::Gray, Layout::GrayAlpha, Layout::Rgba),
            Channels::Rgb => (DataColorSpace::Rgb, Layout::Rgb, Layout::Rgb),
            Channels::Rgba => (DataColorSpace::Rgb, Layout::Rgba, Layout::Rgba),
            Channels::Cmyk => (DataColorSpace::Cmyk, Layout::Rgba, Layout::Rgb),
        };
        if profile.color_space != space {
            return None;
        }
        let srgb = ColorProfile::new_srgb();
        let options = TransformOptions::default();
        let executor = match from.depth {
            Depth::Eight => Executor::EightBit(profile.create_transform_8bit(source, &srgb, target, options).ok()?),
            Depth::Sixteen => {
                Executor::SixteenBit(profile.create_transform_16bit(source, &srgb, target, options).ok()?)
            }
        };
        let transform = IccTransform { executor, from };
        (!transform.is_identity()).then_some(transform)
    }

    /// Transforms `source` into 8-bit sRGB pixels with the same channels; CMYK becomes RGB.
    pub(super) fn apply(&self, source: &[u8], out: &mut [u8], scratch: &mut Vec<u8>) {
        let pixels = source.len() / self.from.pixel_bytes();
        // The executor writes grey as three equal channels.
        let channels = match self.from.channels {
            Channels::Grey | Channels::Rgb | Channels::Cmyk => 3,
            Channels::GreyAlpha | Channels::Rgba => 4,
        };
        scratch.resize(pixels * channels, 0);
        let result = match &self.executor {
            Executor::EightBit(executor) => executor.transform(source, scratch),
            Executor::SixteenBit(executor) => {
                let wide: Vec<u16> = source.as_chunks().0.iter().map(|&two| u16::from_ne_bytes(two)).collect();
                let mut transformed = vec![0u16; pixels * channels];
                let result = executor.transform(&wide, &mut transformed);
                for (wide, narrow) in transformed.into_iter().zip(&mut *scratch) {
                    *narrow = nearest_eight_bit(wide);
                }
                result
            }
        };
        // The only error is a wrong length of a buffer.
        debug_assert!(result.is_ok(), "{result:?}");
        match self.from.channels {
            Channels::Grey => copy_channels(scratch, out, |[red, _, _]: [u8; 3]| [red]),
            Channels::GreyAlpha => {
                copy_channels(scratch, out, |[red, _, _, alpha]: [u8; 4]| [red, alpha]);
            }
            _ => out.copy_from_slice(scratch),
        }
    }

    /// Whether no colour changes by more than one level. Most profiles are sRGB, so most return true.
    fn is_identity(&self) -> bool {
        if self.from != Channels::Rgb.eight_bit() {
            return false;
        }
        // 16 levels per channel, from 0 to 255.
        let levels = || (0..=255u8).step_by(17);
        let colours: Vec<u8> =
            levels().flat_map(|r| levels().flat_map(move |g| levels().flat_map(move |b| [r, g, b]))).collect();
        let mut transformed = vec![0; colours.len()];
        self.apply(&colours, &mut transformed, &mut Vec::new());
        colours.iter().zip(&transformed).all(|(a, b)| a.abs_diff(*b) <= 1)
    }
}

fn copy_channels<const N: usize, const M: usize>(from: &[u8], to: &mut [u8], select: impl Fn([u8; N]) -> [u8; M]) {
    for (&from, to) in from.as_chunks().0.iter().zip(to.as_chunks_mut().0) {
        *to = select(from);
    }
}
