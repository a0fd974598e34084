//! WebP by libwebp, which takes a whole picture, or a whole frame of an animation, at a time.

use std::io::Write;

use super::counting_writer::CountingWriter;
use crate::ffi::libwebp::{self, Mode};
use crate::raster::{PixelBuffer, Rows, SrgbFormat};
use crate::time_budget::TimeBudget;
use crate::{Encoding, Method, Quality, RenderError, Size};

/// libwebp's default level, where the time is still in proportion to the bytes saved.
pub(super) const LOSSLESS: Mode = Mode::Lossless { level: 6 };

/// How libwebp compresses for this encoding. Returns `None` for encodings other than WebP.
pub(crate) fn webp_mode(encoding: Encoding) -> Option<Mode> {
    match encoding {
        Encoding::Webp { quality, method } => Some(lossy(quality, method)),
        Encoding::WebpLossless => Some(LOSSLESS),
        Encoding::Jpeg { .. } | Encoding::Png | Encoding::Avif { .. } => None,
    }
}

pub(super) fn lossy(quality: Quality, method: Method) -> Mode {
    Mode::Lossy { quality: quality.get(), method: method.get() }
}

pub(super) fn encode<W: Write>(
    rows: &mut dyn Rows<SrgbFormat>,
    mode: Mode,
    budget: &TimeBudget,
    out: &mut CountingWriter<W>,
) -> Result<(), RenderError> {
    let PixelBuffer { size, pixel_format, bytes, .. } = PixelBuffer::collect(rows)?;
    let pixels = without_grey(pixel_format, bytes);
    // libwebp asks some hundred times while it encodes a lossy picture.
    let may_continue = || budget.check().is_ok();
    let webp = libwebp::encode(&pixels, size, mode, &may_continue).map_err(encoder_error)?;
    out.write_all(&webp).map_err(|error| out.error("writing WebP", error))
}

fn encoder_error(reason: String) -> RenderError {
    RenderError::encode("encoding WebP", reason)
}

/// Encodes an animation frame by frame.
pub(crate) struct WebpAnimationEncoder {
    encoder: libwebp::AnimationEncoder,
}

impl WebpAnimationEncoder {
    /// Starts an animation with frames of `size`. It plays `loop_count` times, or forever if that is 0.
    pub(crate) fn new(size: Size, mode: Mode, loop_count: u16) -> Result<Self, RenderError> {
        let encoder = libwebp::AnimationEncoder::new(size, mode, loop_count).map_err(encoder_error)?;
        Ok(WebpAnimationEncoder { encoder })
    }

    /// Adds a frame, which is shown for `duration_ms`.
    pub(crate) fn add(&mut self, frame: PixelBuffer<SrgbFormat>, duration_ms: u32) -> Result<(), RenderError> {
        let pixels = without_grey(frame.pixel_format, frame.bytes);
        self.encoder.add(&pixels, duration_ms).map_err(encoder_error)
    }

    /// Writes the animation. Returns the number of bytes written.
    pub(crate) fn finish(self, mut out: impl Write) -> Result<u64, RenderError> {
        let webp = self.encoder.finish().map_err(encoder_error)?;
        out.write_all(&webp).and_then(|()| out.flush()).map_err(RenderError::Write)?;
        Ok(webp.len() as u64)
    }
}

/// Converts grey to RGB, because WebP has no grey pixels.
fn without_grey(pixel_format: SrgbFormat, bytes: Vec<u8>) -> Vec<u8> {
    match pixel_format {
        SrgbFormat::Grey => bytes.iter().flat_map(|&grey| [grey; 3]).collect(),
        SrgbFormat::GreyAlpha => {
            let pixels = bytes.as_chunks().0.iter();
            pixels.flat_map(|&[grey, alpha]| [grey, grey, grey, alpha]).collect()
        }
        SrgbFormat::Rgb | SrgbFormat::Rgba => bytes,
    }
}
