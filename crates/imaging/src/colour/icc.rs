//! Transforms from the colours of an ICC profile to sRGB, computed by `moxcms`.
//!
//! The rendering intent is perceptual, which Chromium and sharp use as well, whatever the profile's header says. If the
//! profile has no table for it, the colorimetric one is used. Black point compensation is for CMYK only
//! ([`black_point`](super::black_point)): tables of RGB profiles are used as they are, as in Chromium.

use std::sync::Arc;

use moxcms::{CmsError, ColorProfile, DataColorSpace, Layout, RenderingIntent, TransformExecutor, TransformOptions};

use super::black_point::{self, Levels};
use super::samples::nearest_eight_bit;
use crate::raster::{Channels, Depth, FixedPixelSize, PixelFormat};

/// A transform from a profile's colours to sRGB. Clones share its tables.
#[derive(Clone)]
pub(super) struct IccTransform {
    executor: Executor,
    from: PixelFormat,
    /// Whether grey becomes three equal channels, because the profile is for RGB.
    widens_grey: bool,
}

#[derive(Clone)]
enum Executor {
    EightBit(Arc<dyn TransformExecutor<u8> + Send + Sync>),
    SixteenBit(Arc<dyn TransformExecutor<u16> + Send + Sync>),
    /// CMYK to sRGB of 16 bits, and from that to compensated levels.
    Cmyk(Arc<dyn TransformExecutor<u16> + Send + Sync>, Arc<Levels>),
}

impl IccTransform {
    /// Returns `None` if the profile is not [for these channels](is_for), or if it lacks tables.
    pub(super) fn new(profile: &ColorProfile, from: PixelFormat) -> Option<Self> {
        let is_grey = matches!(from.channels, Channels::Grey | Channels::GreyAlpha);
        let widens_grey = is_grey && profile.color_space == DataColorSpace::Rgb;
        // moxcms has no layout for CMYK: `Rgba` means four channels there.
        let (source, target) = match from.channels {
            Channels::Grey if widens_grey => (Layout::Rgb, Layout::Rgb),
            Channels::GreyAlpha if widens_grey => (Layout::Rgba, Layout::Rgba),
            Channels::Grey => (Layout::Gray, Layout::Rgb),
            Channels::GreyAlpha => (Layout::GrayAlpha, Layout::Rgba),
            Channels::Rgb => (Layout::Rgb, Layout::Rgb),
            Channels::Rgba => (Layout::Rgba, Layout::Rgba),
            Channels::Cmyk => (Layout::Rgba, Layout::Rgb),
        };
        if !is_for(profile, from.channels) {
            return None;
        }
        let srgb = ColorProfile::new_srgb();
        let eight_bit = |options| profile.create_transform_8bit(source, &srgb, target, options);
        let sixteen_bit = |options| profile.create_transform_16bit(source, &srgb, target, options);
        let executor = match (from.channels, from.depth) {
            (Channels::Cmyk, _) => compensated(with_intent(sixteen_bit)?)?,
            (_, Depth::Eight) => Executor::EightBit(with_intent(eight_bit)?),
            (_, Depth::Sixteen) => Executor::SixteenBit(with_intent(sixteen_bit)?),
        };
        Some(IccTransform { executor, from, widens_grey })
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
        let widened = self.widen(source);
        let source = widened.as_deref().unwrap_or(source);
        let result = match &self.executor {
            Executor::EightBit(executor) => executor.transform(source, scratch),
            Executor::SixteenBit(executor) => {
                transform_wide(&**executor, &self.sixteen_bits(source), scratch, nearest_eight_bit)
            }
            Executor::Cmyk(executor, levels) => {
                let narrow = |level| levels[usize::from(level)];
                transform_wide(&**executor, &self.sixteen_bits(source), scratch, narrow)
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

    /// The samples with 16 bits each.
    fn sixteen_bits(&self, source: &[u8]) -> Vec<u16> {
        match self.from.depth {
            // 65,535 / 255 = 257
            Depth::Eight => source.iter().map(|&level| u16::from(level) * 257).collect(),
            Depth::Sixteen => source.as_chunks().0.iter().map(|&two| u16::from_ne_bytes(two)).collect(),
        }
    }

    /// Grey as three equal channels, if the profile is for RGB.
    fn widen(&self, source: &[u8]) -> Option<Vec<u8>> {
        let sample_bytes = self.from.pixel_bytes() / self.from.channels.count();
        let widen = |pixel: &[u8]| {
            let (grey, alpha) = pixel.split_at(sample_bytes);
            [grey, grey, grey, alpha].concat()
        };
        self.widens_grey.then(|| source.chunks_exact(self.from.pixel_bytes()).flat_map(widen).collect())
    }

    /// Whether no colour changes by more than one level. Most profiles are sRGB, so most return true.
    pub(super) fn is_identity(&self) -> bool {
        // 16 levels per channel, from 0 to 255.
        let levels = || (0..=255u8).step_by(17);
        let colours: Vec<u8> = match self.from {
            PixelFormat { channels: Channels::Grey, depth: Depth::Eight } => (0..=255).collect(),
            PixelFormat { channels: Channels::Rgb, depth: Depth::Eight } => {
                levels().flat_map(|r| levels().flat_map(move |g| levels().flat_map(move |b| [r, g, b]))).collect()
            }
            _ => return false,
        };
        let mut transformed = vec![0; colours.len()];
        self.apply(&colours, &mut transformed, &mut Vec::new());
        colours.iter().zip(&transformed).all(|(a, b)| a.abs_diff(*b) <= 1)
    }
}

/// Creates a transform for the first intent that the profile has a table for. `None` if it has none, or is broken.
fn with_intent<T>(create: impl Fn(TransformOptions) -> Result<T, CmsError>) -> Option<T> {
    let intents = [RenderingIntent::Perceptual, RenderingIntent::RelativeColorimetric];
    let create = |rendering_intent| create(TransformOptions { rendering_intent, ..TransformOptions::default() });
    intents.into_iter().find_map(|intent| create(intent).ok())
}

/// Adds black point compensation to a transform of CMYK.
fn compensated(executor: Arc<dyn TransformExecutor<u16> + Send + Sync>) -> Option<Executor> {
    let mut darkest = [0; 3];
    executor.transform(&[u16::MAX; 4], &mut darkest).ok()?;
    Some(Executor::Cmyk(executor, black_point::compensation(darkest).into()))
}

/// Transforms to 16 bits, and then to 8 bits by `narrow`.
fn transform_wide(
    executor: &(dyn TransformExecutor<u16> + Send + Sync),
    wide: &[u16],
    out: &mut [u8],
    narrow: impl Fn(u16) -> u8,
) -> Result<(), CmsError> {
    let mut transformed = vec![0u16; out.len()];
    executor.transform(wide, &mut transformed)?;
    for (wide, out) in transformed.into_iter().zip(out) {
        *out = narrow(wide);
    }
    Ok(())
}

/// Whether a profile describes pixels with these channels. A profile for RGB also describes grey, as in browsers.
pub(super) fn is_for(profile: &ColorProfile, channels: Channels) -> bool {
    match channels {
        Channels::Grey | Channels::GreyAlpha => {
            matches!(profile.color_space, DataColorSpace::Gray | DataColorSpace::Rgb)
        }
        Channels::Rgb | Channels::Rgba => profile.color_space == DataColorSpace::Rgb,
        Channels::Cmyk => profile.color_space == DataColorSpace::Cmyk,
    }
}

fn copy_channels<const N: usize, const M: usize>(from: &[u8], to: &mut [u8], select: impl Fn([u8; N]) -> [u8; M]) {
    for (&from, to) in from.as_chunks().0.iter().zip(to.as_chunks_mut().0) {
        *to = select(from);
    }
}
