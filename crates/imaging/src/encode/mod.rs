//! Pixels to bytes: one file per format. Metadata of the source never gets here, so renditions have none.

mod avif;
mod counting_writer;
mod jpeg;
mod png;
mod webp;

use std::io::Write;

use self::counting_writer::CountingWriter;
pub(crate) use self::webp::{WebpAnimationEncoder, webp_mode};
pub(crate) use crate::ffi::libwebp::Mode as WebpMode;
use crate::raster::{Rows, SrgbFormat};
use crate::time_budget::TimeBudget;
use crate::{Encoding, Format, RenderError};

/// Encodes all rows. Returns the number of bytes written.
pub(crate) fn encode(
    rows: &mut dyn Rows<SrgbFormat>,
    encoding: Encoding,
    budget: &TimeBudget,
    out: impl Write,
) -> Result<u64, RenderError> {
    let mut out = CountingWriter::new(out);
    match encoding {
        Encoding::Jpeg { quality, scan_mode } => jpeg::encode(rows, quality, scan_mode, &mut out)?,
        Encoding::Png => png::encode(rows, &mut out)?,
        Encoding::Webp { quality, method } => {
            webp::encode(rows, webp::lossy(quality, method), budget, &mut out)?;
        }
        Encoding::WebpLossless => webp::encode(rows, webp::LOSSLESS, budget, &mut out)?,
        Encoding::Avif { quality, speed } => avif::encode(rows, quality, speed, budget, &mut out)?,
    }
    out.flush().map_err(RenderError::Write)?;
    Ok(out.byte_len())
}

/// Encodes all rows as WebP. Returns the number of bytes written.
pub(crate) fn encode_webp(
    rows: &mut dyn Rows<SrgbFormat>,
    mode: WebpMode,
    budget: &TimeBudget,
    out: impl Write,
) -> Result<u64, RenderError> {
    let mut out = CountingWriter::new(out);
    webp::encode(rows, mode, budget, &mut out)?;
    out.flush().map_err(RenderError::Write)?;
    Ok(out.byte_len())
}

/// The longest side that a format supports, in px.
pub(crate) fn max_side(format: Format) -> u32 {
    match format {
        // The limit of libjpeg, a little below the 65,535 of the format.
        Format::Jpeg => 65_500,
        // The format stores sides in 14 bits.
        Format::Webp => 16_383,
        // Half of what AV1 supports. libavif, and so browsers, refuse more.
        Format::Avif => 32_768,
        Format::Gif => u16::MAX.into(),
        // The PNG specification allows 31 bits. The other formats are not written.
        Format::Png | Format::Heic | Format::Tiff | Format::Bmp | Format::Ico | Format::Qoi | Format::Pnm => {
            i32::MAX.unsigned_abs()
        }
    }
}
