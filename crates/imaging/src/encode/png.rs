//! PNG: deflate at a middling level, behind whichever filter suits a row (docs/decisions.md has figures).

use std::io::Write;

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};

use super::Counted;
use crate::RenderError;
use crate::raster::{Channels, Rows};

pub(super) fn encode<W: Write>(
    rows: &mut dyn Rows,
    out: &mut Counted<W>,
) -> Result<(), RenderError> {
    let mut failed = Ok(());
    let result = write(rows, &mut *out, &mut failed);
    failed?;
    result.map_err(|error| out.fault("encoding PNG", error))
}

fn write(
    rows: &mut dyn Rows,
    out: impl Write,
    failed: &mut Result<(), RenderError>,
) -> Result<(), EncodingError> {
    let mut encoder = Encoder::new(out, rows.size().width, rows.size().height);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_color(match rows.pixel_format().channels {
        Channels::Grey => ColorType::Grayscale,
        Channels::GreyAlpha => ColorType::GrayscaleAlpha,
        Channels::Rgb | Channels::Cmyk => ColorType::Rgb,
        Channels::Rgba => ColorType::Rgba,
    });
    encoder.set_compression(Compression::Balanced);
    encoder.set_filter(Filter::Adaptive);
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer()?;
    let mut row = vec![0; rows.stride()];
    for _ in 0..rows.size().height {
        *failed = rows.read(&mut row);
        if failed.is_err() {
            return Ok(());
        }
        stream.write_all(&row)?;
    }
    stream.finish()?;
    // Left to the destructor, an error in the last chunk would be lost.
    writer.finish()
}
