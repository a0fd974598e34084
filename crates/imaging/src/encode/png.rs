//! PNG: medium compression, with the filter chosen for each row (docs/decisions.md has measurements).

use std::io::Write;

use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};

use super::counting_writer::CountingWriter;
use crate::RenderError;
use crate::raster::{Rows, SrgbFormat};

pub(super) fn encode<W: Write>(
    rows: &mut dyn Rows<SrgbFormat>,
    out: &mut CountingWriter<W>,
) -> Result<(), RenderError> {
    let mut rows_result = Ok(());
    let written = write(rows, &mut *out, &mut rows_result);
    rows_result?;
    written.map_err(|error| out.error("encoding PNG", error))
}

/// Writes the file. An error of `rows` ends it early and is stored in `rows_result`.
fn write(
    rows: &mut dyn Rows<SrgbFormat>,
    out: impl Write,
    rows_result: &mut Result<(), RenderError>,
) -> Result<(), EncodingError> {
    let mut encoder = Encoder::new(out, rows.size().width, rows.size().height);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_color(match rows.pixel_format() {
        SrgbFormat::Grey => ColorType::Grayscale,
        SrgbFormat::GreyAlpha => ColorType::GrayscaleAlpha,
        SrgbFormat::Rgb => ColorType::Rgb,
        SrgbFormat::Rgba => ColorType::Rgba,
    });
    encoder.set_compression(Compression::Balanced);
    encoder.set_filter(Filter::Adaptive);
    let mut writer = encoder.write_header()?;
    let mut stream = writer.stream_writer()?;
    let mut row = vec![0; rows.stride()];
    for _ in 0..rows.size().height {
        *rows_result = rows.read(&mut row);
        if rows_result.is_err() {
            return Ok(());
        }
        stream.write_all(&row)?;
    }
    stream.finish()?;
    // Dropping the writer finishes it as well, but ignores an error in the last chunk.
    writer.finish()
}
