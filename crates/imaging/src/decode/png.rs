//! PNG, row by row; an interlaced one has its first row complete only with its last pass, and is
//! decoded whole.

use std::io::Read;

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Reader, Transformations};

use super::Decoded;
use crate::colour::MAX_PROFILE_BYTES;
use crate::geometry::Rect;
use crate::raster::{Channels, Depth, PixelBuffer, PixelFormat, Region, Rows};
use crate::source::{Blame, Source};
use crate::{Header, RenderError, Size};

/// What may be kept beside a row of pixels: a profile, deflated and as it is.
const MAX_ASIDE_BYTES: usize = 2 * MAX_PROFILE_BYTES;

pub(super) fn decode<'a, R: Read + 'a>(
    source: Source<R>,
    header: &Header,
    crop: Rect,
) -> Result<Decoded<'a>, RenderError> {
    let blame = source.blame();
    let row = header.size.width.max(header.size.height) as usize * header.pixels.byte_len as usize;
    let mut decoder =
        Decoder::new_with_limits(source, Limits { bytes: MAX_ASIDE_BYTES.saturating_add(row) });
    // Palettes and fewer than 8 bits become 8; a transparent colour becomes an alpha channel.
    decoder.set_transformations(Transformations::EXPAND);
    decoder.set_ignore_text_chunk(true);
    let reader = decoder.read_info().map_err(|error| blame.reader_or_picture(error))?;
    let info = reader.info();
    let size = Size::new(info.width, info.height);
    // A file that calls itself sRGB is, whatever profile it has for those who don't know.
    let profile = info.icc_profile.as_deref().filter(|_| info.srgb.is_none()).map(<[u8]>::to_vec);
    let is_interlaced = info.interlaced;
    let pixel_format = native_format(reader.output_color_type());

    let rows: Box<dyn Rows> = if is_interlaced {
        Box::new(
            interlaced(reader, size, pixel_format)
                .map_err(|error| blame.reader_or_picture(error))?,
        )
    } else {
        Box::new(Png { reader, pixel_format, size, rows_left: size.height, blame })
    };
    Ok(Decoded::packed(rows, Region::at_full_scale(crop), profile))
}

fn native_format((samples, depth): (ColorType, BitDepth)) -> PixelFormat {
    let channels = match samples {
        ColorType::Grayscale => Channels::Grey,
        ColorType::GrayscaleAlpha => Channels::GreyAlpha,
        ColorType::Rgb | ColorType::Indexed => Channels::Rgb,
        ColorType::Rgba => Channels::Rgba,
    };
    let depth = if depth == BitDepth::Sixteen { Depth::Sixteen } else { Depth::Eight };
    PixelFormat { channels, depth }
}

struct Png<R: Read> {
    reader: Reader<Source<R>>,
    pixel_format: PixelFormat,
    size: Size,
    rows_left: u32,
    blame: Blame,
}

impl<R: Read> Png<R> {
    fn read_row(&mut self, out: &mut [u8]) -> Result<(), DecodingError> {
        self.reader.read_row(out)?;
        to_native(out, self.pixel_format);
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

    fn pixel_format(&self) -> PixelFormat {
        self.pixel_format
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
    pixel_format: PixelFormat,
) -> Result<PixelBuffer, DecodingError> {
    let mut bytes = vec![0; reader.output_buffer_size().ok_or(DecodingError::LimitsExceeded)?];
    reader.next_frame(&mut bytes)?;
    reader.finish()?;
    to_native(&mut bytes, pixel_format);
    Ok(PixelBuffer::new(size, pixel_format, bytes))
}

/// PNG's samples of 16 bits have their high byte first.
fn to_native(row: &mut [u8], pixel_format: PixelFormat) {
    if pixel_format.depth == Depth::Sixteen {
        for sample in row.as_chunks_mut().0 {
            *sample = u16::from_be_bytes(*sample).to_ne_bytes();
        }
    }
}
