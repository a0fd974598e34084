//! PNG, decoded row by row. An interlaced PNG is decoded as a whole, because its first row is complete only with the last
//! pass.
//!
//! If every pixel was decoded, the picture is whole, whatever the rest of the file is like. Each decision is the one of
//! Chromium 156, unless a reason says otherwise; [`header`] has those on the chunks before the pixels:
//!
//! | damage | verdict |
//! |---|---|
//! | IEND is missing, cut, or has data or a wrong checksum | whole |
//! | any other chunk behind the pixels is cut, damaged or unknown; other data is there | whole: it is not read |
//! | the checksum of the last IDAT chunk is missing or cut | whole |
//! | the checksum of an IDAT chunk is wrong | corrupt: the pixels are not those that were written. Of the last chunk, Chromium shows them anyway |
//! | the checksum of the zlib stream (Adler-32) is missing or wrong | whole, as in libpng |
//! | data behind the zlib stream, or more rows than the picture has | whole: ignored |
//! | an IDAT chunk without data | whole |
//! | pixels are missing, or cannot be decompressed | corrupt |
//! | another chunk between two IDAT chunks | corrupt: what is behind it is not read, so pixels are missing |
//! | a filter that PNG does not have | corrupt |

mod chunks;
mod colours;
mod header;
mod palette;
mod pixel_chunks;

use std::cell::Cell;
use std::io::{BufRead, Read};
use std::rc::Rc;

use png::{BitDepth, ColorType, Decoder, DecodingError, InterlaceInfo, Limits, Reader, Transformations};

use self::chunks::Chunks;
use self::header::{HeaderError, PngHeader};
use self::pixel_chunks::{End, PixelChunks};
use super::decoded::Decoded;
use crate::damage::{DamageLog, MISSING};
use crate::geometry::Rect;
use crate::raster::{Channels, Depth, FixedPixelSize, PixelBuffer, PixelFormat, Region, Rows};
use crate::source_reader::SourceReader;
use crate::{Corruption, Header, RenderError, Size, words};

/// Limit on the decoder's memory in addition to one row of pixels: the longest chunk that it gets is a palette.
const MAX_CHUNK_BYTES: usize = 16 * 1024;

pub(super) fn decode<'a, R: Read + 'a>(
    source: SourceReader<R>,
    header: &Header,
    crop: Rect,
) -> Result<Decoded<'a>, RenderError> {
    let log = source.damage();
    let mut chunks = Chunks { source };
    let PngHeader { bytes, pixels, profiles } = header::read(&mut chunks).map_err(|error| match error {
        HeaderError::Read => log.reject("the file ends within its header"),
        HeaderError::Corrupt(reason) => RenderError::corrupt(reason),
    })?;
    let data = PixelChunks::new(chunks, bytes, pixels);
    let (end, closing) = (data.end(), data.closing());
    let row = header.size.width.max(header.size.height) as usize * usize::from(header.pixels.pixel_bytes);
    let mut decoder = Decoder::new_with_limits(data, Limits { bytes: MAX_CHUNK_BYTES.saturating_add(row) });
    // Palettes become colours, fewer than 8 bits become 8, and a transparent colour becomes an alpha channel.
    decoder.set_transformations(Transformations::EXPAND);
    // Those of chunks were compared.
    decoder.ignore_checksums(true);
    let reader = decoder.read_info().map_err(|error| log.reject(words::of_png(&error)))?;
    let size = Size::new(reader.info().width, reader.info().height);
    let is_interlaced = reader.info().interlaced;
    let pixel_format = native_format(reader.output_color_type());

    let mut rows =
        PngRows { reader, pixel_format, size, decoded: 0, end, closing: Some(closing), log, is_damaged: false };
    let rows: Box<dyn Rows> = if is_interlaced { Box::new(rows.collect_passes()?) } else { Box::new(rows) };
    Ok(Decoded::packed(rows, Region::at_full_scale(crop), profiles))
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

const WRONG_CHECKSUM: &str = "the checksum of the pixels is wrong";

struct PngRows<R: BufRead> {
    reader: Reader<PixelChunks<R>>,
    pixel_format: PixelFormat,
    size: Size,
    /// Rows that were decoded; of an interlaced picture, rows of its passes.
    decoded: u32,
    end: Rc<Cell<End>>,
    /// `None` after the data were closed.
    closing: Option<Rc<Cell<bool>>>,
    log: DamageLog,
    /// Whether the rows from here on are missing.
    is_damaged: bool,
}

impl<R: BufRead> PngRows<R> {
    fn read_row(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        if !self.is_damaged
            && let Err(error) = self.decode_row(out)
        {
            self.log.accept(self.corruption(&error))?;
            self.is_damaged = true;
        }
        if self.is_damaged {
            out.fill(self.missing());
            return Ok(());
        }
        to_native(out, self.pixel_format);
        self.decoded += 1;
        if self.decoded == self.size.height {
            self.check_end()?;
        }
        Ok(())
    }

    /// Decodes a row. A megabyte of one colour may be in the last bytes, so the decoder is asked again at the end of the data.
    fn decode_row(&mut self, out: &mut [u8]) -> Result<(), DecodingError> {
        match self.reader.read_row(out) {
            Err(DecodingError::IoError(_)) if close(&mut self.closing, self.end.get()) => {
                self.reader.read_row(out).map(|_| ())
            }
            result => result.map(|_| ()),
        }
    }

    /// Decodes all pixels of an interlaced picture.
    fn collect_passes(&mut self) -> Result<PixelBuffer, RenderError> {
        let len = self.reader.output_buffer_size().ok_or_else(|| RenderError::corrupt("there are too many pixels"))?;
        let mut bytes = vec![if self.log.renders_damaged() { self.missing() } else { 0 }; len];
        match self.read_passes(&mut bytes) {
            Ok(()) => self.check_end()?,
            Err(error) => self.log.accept(self.corruption(&error))?,
        }
        to_native(&mut bytes, self.pixel_format);
        Ok(PixelBuffer::new(self.size, self.pixel_format, bytes))
    }

    /// Fills `bytes` as far as there are pixels.
    fn read_passes(&mut self, bytes: &mut [u8]) -> Result<(), DecodingError> {
        let pixel_bytes = self.pixel_format.pixel_bytes();
        let stride = self.size.width as usize * pixel_bytes;
        let bits = u8::try_from(8 * pixel_bytes).unwrap_or(u8::MAX);
        while self.decoded < self.total_rows() {
            match self.reader.next_interlaced_row() {
                Ok(Some(row)) => {
                    if let InterlaceInfo::Adam7(pass) = row.interlace() {
                        png::expand_interlaced_row(bytes, stride, row.data(), pass, bits);
                    }
                }
                Ok(None) => {}
                Err(DecodingError::IoError(_)) if close(&mut self.closing, self.end.get()) => continue,
                Err(error) => return Err(error),
            }
            self.decoded += 1;
        }
        Ok(())
    }

    /// Compares the checksum of the last chunk, after the last row.
    fn check_end(&mut self) -> Result<(), RenderError> {
        // Reads the data behind the last row. Its end is not that of a sound file, so there is always an error.
        let _ = self.reader.read_row(&mut []);
        match (self.log.take_read_error(), self.end.get()) {
            (Some(error), _) => Err(RenderError::Read(error)),
            (None, End::WrongChecksum) => {
                let rows = self.total_rows().into();
                self.log.accept(Corruption::new(WRONG_CHECKSUM).after(rows, rows))
            }
            (None, _) => Ok(()),
        }
    }

    /// The damage if pixels are missing.
    fn corruption(&self, error: &DecodingError) -> Corruption {
        let corruption = match (self.end.get(), error) {
            (End::WrongChecksum, _) => Corruption::new(WRONG_CHECKSUM),
            (End::File, _) => self.log.file_ends(),
            (End::OtherChunk, _) => Corruption::new("the data of the pixels ends"),
            _ => Corruption::new("the compressed pixels are damaged"),
        };
        corruption.after(self.decoded.into(), self.total_rows().into())
    }

    /// The byte of samples that are missing.
    fn missing(&self) -> u8 {
        if self.pixel_format.channels.has_alpha() { 0 } else { MISSING }
    }

    /// The number of rows that the decoder returns.
    fn total_rows(&self) -> u32 {
        // The first column and row of each pass of Adam7, and the distance to the next ones.
        const PASSES: [[u32; 4]; 7] =
            [[0, 0, 8, 8], [4, 0, 8, 8], [0, 4, 4, 8], [2, 0, 4, 4], [0, 2, 2, 4], [1, 0, 2, 2], [0, 1, 1, 2]];
        if !self.reader.info().interlaced {
            return self.size.height;
        }
        let passes = PASSES.iter().filter(|[left, ..]| *left < self.size.width);
        passes.map(|[_, top, _, step]| self.size.height.saturating_sub(*top).div_ceil(*step)).sum()
    }
}

/// Closes the data, if their end was reached and they were not closed before.
fn close(closing: &mut Option<Rc<Cell<bool>>>, end: End) -> bool {
    let is_at_end = matches!(end, End::OtherChunk | End::File);
    closing.take_if(|_| is_at_end).is_some_and(|closing| !closing.replace(true))
}

impl<R: BufRead> Rows for PngRows<R> {
    fn size(&self) -> Size {
        self.size
    }

    fn pixel_format(&self) -> PixelFormat {
        self.pixel_format
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let stride = self.stride();
        out.chunks_exact_mut(stride).try_for_each(|row| self.read_row(row))
    }
}

/// Converts samples of 16 bits from big-endian, as PNG stores them, to the machine's byte order.
fn to_native(row: &mut [u8], pixel_format: PixelFormat) {
    if pixel_format.depth == Depth::Sixteen {
        for sample in row.as_chunks_mut().0 {
            *sample = u16::from_be_bytes(*sample).to_ne_bytes();
        }
    }
}
