//! Converts pixels to 8-bit sRGB. Every rendition is in sRGB: viewers assume it for files without a colour profile.
//!
//! Conversion happens after resizing, when there are fewer pixels. Broken profiles are ignored, as in browsers.

mod icc;
mod samples;

use self::icc::IccTransform;
use self::samples::{cmyk_to_rgb, sixteen_to_eight_bit};
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
    CmykToRgb,
    SixteenToEightBit,
}

impl SrgbConverter {
    /// Converts from the colours of an ICC profile. Pixels without a valid profile are taken for sRGB.
    ///
    /// Reading a profile takes longer than converting a small picture, so animations do it once for all frames.
    pub(crate) fn new(profile: Option<&[u8]>, from: PixelFormat) -> Self {
        let transform = profile.and_then(|profile| IccTransform::new(profile, from));
        let conversion = match (transform, from.channels, from.depth) {
            (Some(transform), ..) => Conversion::IccProfile(transform),
            (None, Channels::Cmyk, _) => Conversion::CmykToRgb,
            (None, _, Depth::Sixteen) => Conversion::SixteenToEightBit,
            (None, _, Depth::Eight) => Conversion::None,
        };
        let to = match from.channels {
            Channels::Grey => SrgbFormat::Grey,
            Channels::GreyAlpha => SrgbFormat::GreyAlpha,
            Channels::Rgb | Channels::Cmyk => SrgbFormat::Rgb,
            Channels::Rgba => SrgbFormat::Rgba,
        };
        SrgbConverter { conversion, to }
    }

    /// Wraps rows in the pixel format for which the converter was made.
    pub(crate) fn convert<'a>(&self, rows: Box<dyn Rows + 'a>) -> Box<dyn Rows<SrgbFormat> + 'a> {
        let converter = self.clone();
        Box::new(SrgbRows { rows, converter, source: Vec::new(), scratch: Vec::new() })
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
            Conversion::CmykToRgb => cmyk_to_rgb(&self.source, out),
            Conversion::SixteenToEightBit => sixteen_to_eight_bit(&self.source, out),
        }
        Ok(())
    }
}
