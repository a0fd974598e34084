//! Converts pixels to 8-bit sRGB. Every rendition is in sRGB: viewers assume it for files without a colour profile.
//!
//! Conversion happens after resizing, when there are fewer pixels. Broken profiles are ignored, as in browsers. PQ and
//! HLG are tone-mapped.

mod black_point;
mod cicp;
mod gain_curve;
mod icc;
mod profile;
mod samples;
mod tone_map;

pub(crate) use self::cicp::Cicp;
pub use self::cicp::HdrTransfer;
pub(crate) use self::profile::{ColourProfile, GammaProfile};

use moxcms::{ColorProfile, DataColorSpace};

use self::icc::{IccTransform, is_for};
use self::samples::{cmyk_to_rgb, sixteen_to_eight_bit};
use self::tone_map::ToneMap;
use crate::raster::{Channels, Depth, FixedPixelSize, PixelFormat, Rows, SrgbFormat};
use crate::{RenderError, Size};

/// The longest colour profile that is used, in bytes. Longer profiles are ignored.
///
/// Decoders keep the profile in memory, and a file must not choose how much memory that is. A profile of a printer
/// has about 2 MB.
pub(crate) const MAX_PROFILE_BYTES: usize = 4 << 20;

/// Converts rows of one pixel format to sRGB.
#[derive(Clone)]
pub(crate) struct SrgbConverter {
    conversion: Conversion,
    to: SrgbFormat,
}

#[derive(Clone)]
enum Conversion {
    /// The samples are 8-bit sRGB already.
    None,
    IccProfile(IccTransform),
    ToneMap(ToneMap),
    CmykToRgb,
    SixteenToEightBit,
}

impl SrgbConverter {
    /// Converts from the colours of the first profile that can be read. Without one, pixels are taken for sRGB.
    ///
    /// Reading a profile takes longer than converting a small picture, so animations do it once for all frames.
    pub(crate) fn new(profiles: &[ColourProfile], from: PixelFormat) -> Self {
        let conversion = profiles.iter().find_map(|profile| Conversion::of_profile(profile, from));
        let conversion = conversion.unwrap_or_else(|| Conversion::without_profile(from));
        let to = match from.channels {
            Channels::Grey => SrgbFormat::Grey,
            Channels::GreyAlpha => SrgbFormat::GreyAlpha,
            Channels::Rgb | Channels::Cmyk => SrgbFormat::Rgb,
            Channels::Rgba => SrgbFormat::Rgba,
        };
        SrgbConverter { conversion, to }
    }

    /// The transfer function of the picture, if it has a high dynamic range, which is lost.
    pub(crate) fn tone_mapped(&self) -> Option<HdrTransfer> {
        match &self.conversion {
            Conversion::ToneMap(tone_map) => Some(tone_map.transfer()),
            _ => None,
        }
    }

    /// Wraps rows in the pixel format for which the converter was made.
    pub(crate) fn convert<'a>(&self, rows: Box<dyn Rows + 'a>) -> Box<dyn Rows<SrgbFormat> + 'a> {
        let converter = self.clone();
        Box::new(SrgbRows { rows, converter, source: Vec::new(), scratch: Vec::new() })
    }
}

impl Conversion {
    fn without_profile(from: PixelFormat) -> Self {
        match (from.channels, from.depth) {
            (Channels::Cmyk, _) => Conversion::CmykToRgb,
            (_, Depth::Sixteen) => Conversion::SixteenToEightBit,
            (_, Depth::Eight) => Conversion::None,
        }
    }

    /// Returns `None` if the profile is broken. A profile for other channels than the picture's has no effect.
    fn of_profile(profile: &ColourProfile, from: PixelFormat) -> Option<Self> {
        let (profile, hdr) = match profile {
            ColourProfile::Icc(bytes) => {
                let mut profile = ColorProfile::new_from_slice(bytes).ok()?;
                // Without the numbers, moxcms uses the profile's curves.
                match profile.cicp.take().filter(|_| profile.color_space == DataColorSpace::Rgb).and_then(Cicp::of_icc)
                {
                    Some(cicp) => cicp.read()?,
                    None => (profile, None),
                }
            }
            ColourProfile::Cicp(cicp) => cicp.read()?,
            ColourProfile::Gamma(gamma) => (gamma.rgb_space()?, None),
        };
        if !is_for(&profile, from.channels) {
            return Some(Conversion::without_profile(from));
        }
        if let Some(hdr) = hdr {
            return Some(Conversion::ToneMap(ToneMap::new(hdr, &profile, from)));
        }
        let transform = IccTransform::new(&profile, from)?;
        Some(if transform.is_identity() {
            Conversion::without_profile(from)
        } else {
            Conversion::IccProfile(transform)
        })
    }
}

struct SrgbRows<'a> {
    rows: Box<dyn Rows + 'a>,
    converter: SrgbConverter,
    /// Pixels before conversion.
    source: Vec<u8>,
    scratch: Vec<u8>,
}

impl Rows<SrgbFormat> for SrgbRows<'_> {
    fn size(&self) -> Size {
        self.rows.size()
    }

    fn pixel_format(&self) -> SrgbFormat {
        self.converter.to
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        if let Conversion::None = self.converter.conversion {
            return self.rows.read(out);
        }
        let pixels = out.len() / self.converter.to.pixel_bytes();
        self.source.resize(pixels * self.rows.pixel_format().pixel_bytes(), 0);
        self.rows.read(&mut self.source)?;
        match &self.converter.conversion {
            Conversion::None => {}
            Conversion::IccProfile(transform) => {
                transform.apply(&self.source, out, &mut self.scratch);
            }
            Conversion::ToneMap(tone_map) => tone_map.apply(&self.source, out),
            Conversion::CmykToRgb => cmyk_to_rgb(&self.source, out),
            Conversion::SixteenToEightBit => sixteen_to_eight_bit(&self.source, out),
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
