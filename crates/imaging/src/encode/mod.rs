//! Pixels to bytes: one file a format. No metadata of the source ever gets here, so none gets out.

mod avif;
mod jpeg;
mod png;
mod webp;

use std::io::{self, Write};

pub(crate) use self::webp::Animation;
use crate::raster::Rows;
use crate::source::Blame;
use crate::time_budget::TimeBudget;
use crate::{Encoding, Format, RenderError};

/// Encodes all rows, and says how many bytes that took. The encoding is to be a resolved one.
pub(crate) fn encode(
    rows: &mut dyn Rows,
    encoding: Encoding,
    budget: &TimeBudget,
    out: impl Write,
) -> Result<u64, RenderError> {
    let mut out = Counted { out, byte_len: 0, blame: Blame::default() };
    match encoding {
        Encoding::Jpeg { quality, scans } => jpeg::encode(rows, quality, scans, &mut out)?,
        Encoding::Webp { .. } | Encoding::WebpLossless => {
            webp::encode(rows, encoding, budget, &mut out)?;
        }
        Encoding::Avif { quality, speed } => avif::encode(rows, quality, speed, budget, &mut out)?,
        Encoding::Png | Encoding::Source => png::encode(rows, &mut out)?,
    }
    out.flush().map_err(RenderError::Write)?;
    Ok(out.byte_len)
}

/// The longest side that a format can hold, in px.
pub(crate) fn max_side(format: Format) -> u32 {
    match format {
        // libjpeg's own limit, a little below the format's 65,535.
        Format::Jpeg => 65_500,
        Format::Webp => 16_383,
        // Half of what AV1 can hold: libavif, and browsers with it, take no more.
        Format::Avif => 32_768,
        Format::Gif => u16::MAX.into(),
        Format::Png => i32::MAX.unsigned_abs(),
    }
}

/// Counts what is written, and keeps the writer's error, which encoders would turn into their own.
struct Counted<W> {
    out: W,
    byte_len: u64,
    blame: Blame,
}

impl<W> Counted<W> {
    /// The writer's error where there was one, else the encoder's.
    fn fault(&self, step: &'static str, reason: impl std::fmt::Display) -> RenderError {
        self.blame.take().map_or_else(|| RenderError::encode(step, reason), RenderError::Write)
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let len = self.out.write(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            _ => self.blame.keep(error),
        })?;
        self.byte_len += len as u64;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush().map_err(|error| self.blame.keep(error))
    }
}
