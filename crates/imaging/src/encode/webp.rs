//! WebP through libwebp, which wants the picture whole, or an animation's frame.

use std::io::Write;

use super::Counted;
use crate::ffi::libwebp::{self, Mode, animation};
use crate::raster::{Channels, PixelBuffer, Rows};
use crate::time_budget::TimeBudget;
use crate::{Encoding, RenderError, Size};

/// The level at which time and bytes of a lossless WebP are in proportion, and libwebp's own
/// default.
const LOSSLESS: Mode = Mode::Lossless { level: 6 };

pub(super) fn encode<W: Write>(
    rows: &mut dyn Rows,
    encoding: Encoding,
    budget: &TimeBudget,
    out: &mut Counted<W>,
) -> Result<(), RenderError> {
    let PixelBuffer { size, pixel_format, bytes, .. } = PixelBuffer::collect(rows)?;
    let pixels = colourful(pixel_format.channels, bytes);
    let goes_on = || budget.check().is_ok();
    let encoded = libwebp::encode(&pixels, size, mode(encoding), &goes_on).map_err(failed)?;
    out.write_all(&encoded).map_err(|error| out.fault("writing WebP", error))
}

fn failed(reason: String) -> RenderError {
    RenderError::encode("encoding WebP", reason)
}

fn mode(encoding: Encoding) -> Mode {
    match encoding {
        Encoding::Webp { quality, method } => {
            Mode::Lossy { quality: quality.get(), method: method.get() }
        }
        _ => LOSSLESS,
    }
}

/// An animation on its way.
pub(crate) struct Animation {
    encoder: animation::Encoder,
}

impl Animation {
    /// Of frames of that size; played for ever if `loop_count` is 0. The encoding is to be WebP's.
    pub(crate) fn new(
        size: Size,
        encoding: Encoding,
        loop_count: u16,
    ) -> Result<Self, RenderError> {
        let encoder = animation::Encoder::new(size, mode(encoding), loop_count).map_err(failed)?;
        Ok(Animation { encoder })
    }

    pub(crate) fn add(&mut self, frame: PixelBuffer, duration_ms: u32) -> Result<(), RenderError> {
        let pixels = colourful(frame.pixel_format.channels, frame.bytes);
        self.encoder.add(&pixels, duration_ms).map_err(failed)
    }

    /// Writes all of it, and says how many bytes that took.
    pub(crate) fn finish(self, mut out: impl Write) -> Result<u64, RenderError> {
        let encoded = self.encoder.finish().map_err(failed)?;
        out.write_all(&encoded).and_then(|()| out.flush()).map_err(RenderError::Write)?;
        Ok(encoded.len() as u64)
    }
}

/// WebP has no grey pictures.
fn colourful(channels: Channels, bytes: Vec<u8>) -> Vec<u8> {
    match channels {
        Channels::Grey => bytes.iter().flat_map(|&grey| [grey; 3]).collect(),
        Channels::GreyAlpha => {
            let pixels = bytes.as_chunks().0.iter();
            pixels.flat_map(|&[grey, alpha]| [grey, grey, grey, alpha]).collect()
        }
        Channels::Rgb | Channels::Rgba | Channels::Cmyk => bytes,
    }
}
