//! PNG, row by row; an interlaced one has its first row complete only with its last pass, and is
//! decoded whole.

use std::io::Read;

use png::{BitDepth, ColorType, Decoder, Limits, Reader, Transformations};

use super::whole;
use crate::rows::{Frame, Layout, Rows};
use crate::source::{Blame, Source};
use crate::{RenderError, Size};

pub(super) fn decode<'a, R: Read + 'a>(
    source: Source<R>,
) -> Result<Box<dyn Rows + 'a>, RenderError> {
    let blame = source.blame();
    // The limit is for what is kept beside the pixels: text and profiles, a few rows.
    let mut decoder = Decoder::new_with_limits(source, Limits { bytes: MAX_ASIDE_BYTES });
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    let reader = decoder.read_info().map_err(|error| blame.reader_or_picture(error))?;
    let size = Size::new(reader.info().width, reader.info().height);
    let (samples, depth) = reader.output_color_type();
    if depth != BitDepth::Eight {
        return Err(RenderError::encode("decoding", format_args!("a PNG came out as {depth:?}")));
    }
    if reader.info().interlaced {
        let frame =
            interlaced(reader, size, samples).map_err(|error| blame.reader_or_picture(error))?;
        return Ok(whole(frame));
    }
    Ok(Box::new(Png { reader, samples, row: Vec::new(), size, rows_left: size.height, blame }))
}

const MAX_ASIDE_BYTES: usize = 64 << 20;

struct Png<R: Read> {
    reader: Reader<Source<R>>,
    samples: ColorType,
    row: Vec<u8>,
    size: Size,
    rows_left: u32,
    blame: Blame,
}

impl<R: Read> Png<R> {
    fn read_row(&mut self, out: &mut [u8]) -> Result<(), png::DecodingError> {
        if matches!(self.samples, ColorType::Rgb | ColorType::Rgba) {
            self.reader.read_row(out)?;
        } else {
            self.row.resize(self.size.width as usize * self.samples.samples(), 0);
            self.reader.read_row(&mut self.row)?;
            spread(&self.row, self.samples, out);
        }
        self.rows_left = self.rows_left.saturating_sub(1);
        if self.rows_left == 0 {
            // Checks what follows the pixels: a picture cut after them is cut all the same.
            self.reader.finish()?;
        }
        Ok(())
    }
}

impl<R: Read> Rows for Png<R> {
    fn size(&self) -> Size {
        self.size
    }

    fn layout(&self) -> Layout {
        layout(self.samples)
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let stride = self.stride();
        for row in out.chunks_exact_mut(stride) {
            self.read_row(row).map_err(|error| self.blame.reader_or_picture(error))?;
        }
        Ok(())
    }
}

fn interlaced<R: Read>(
    mut reader: Reader<Source<R>>,
    size: Size,
    samples: ColorType,
) -> Result<Frame, png::DecodingError> {
    let mut bytes = vec![0; reader.output_buffer_size().ok_or(png::DecodingError::LimitsExceeded)?];
    reader.next_frame(&mut bytes)?;
    reader.finish()?;
    let layout = layout(samples);
    if bytes.len() / samples.samples() * layout.pixel_bytes() != bytes.len() {
        let mut spread_out = vec![0; bytes.len() / samples.samples() * layout.pixel_bytes()];
        spread(&bytes, samples, &mut spread_out);
        bytes = spread_out;
    }
    Ok(Frame::new(size, layout, bytes))
}

fn layout(samples: ColorType) -> Layout {
    match samples {
        ColorType::Grayscale | ColorType::Rgb | ColorType::Indexed => Layout::Rgb8,
        ColorType::GrayscaleAlpha | ColorType::Rgba => Layout::Rgba8,
    }
}

/// Grey made red, green and blue.
fn spread(grey: &[u8], samples: ColorType, out: &mut [u8]) {
    if samples == ColorType::GrayscaleAlpha {
        for (&[grey, alpha], out) in grey.as_chunks().0.iter().zip(out.as_chunks_mut().0) {
            *out = [grey, grey, grey, alpha];
        }
    } else {
        for (&grey, out) in grey.iter().zip(out.as_chunks_mut().0) {
            *out = [grey; 3];
        }
    }
}
