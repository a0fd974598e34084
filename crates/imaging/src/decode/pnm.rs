//! PNM (PBM, PGM, PPM, PAM), decoded row by row. Levels are scaled to 8 or 16 bits. Only the first picture of a file is
//! read.

use std::io::{self, BufRead, Read};

use super::decoded::Decoded;
use crate::geometry::Rect;
use crate::probe::{PnmEncoding, PnmHeader, is_blank, parse_pnm};
use crate::raster::{Channels, Depth, PixelFormat, Region, Rows};
use crate::source_reader::SourceReader;
use crate::stashed_io_error::StashedIoError;
use crate::{RenderError, Size};

pub(super) fn decode<'a, R: Read + 'a>(mut source: SourceReader<R>, crop: Rect) -> Result<Decoded<'a>, RenderError> {
    let stashed_error = source.stashed_error();
    let header = parse_pnm(source.header_bytes()).ok_or_else(|| RenderError::corrupt("its header is incomplete"))?;
    source.skip(header.pixels_at).map_err(|error| stashed_error.read_error_or_corrupt(error))?;
    let rows = PnmRows { source, header, samples: Vec::new(), next_row: 0, stashed_error };
    Ok(Decoded::packed(Box::new(rows), Region::at_full_scale(crop), Vec::new()))
}

struct PnmRows<B> {
    source: B,
    header: PnmHeader,
    /// The levels of a row.
    samples: Vec<u16>,
    next_row: u32,
    stashed_error: StashedIoError,
}

impl<B: BufRead> Rows for PnmRows<B> {
    fn size(&self) -> Size {
        self.header.size
    }

    fn pixel_format(&self) -> PixelFormat {
        let channels = match self.header.channels {
            1 => Channels::Grey,
            2 => Channels::GreyAlpha,
            3 => Channels::Rgb,
            _ => Channels::Rgba,
        };
        PixelFormat { channels, depth: if self.header.max_level > 255 { Depth::Sixteen } else { Depth::Eight } }
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let stride = self.stride();
        for row in out.chunks_exact_mut(stride) {
            self.next_row += 1;
            self.read_samples().map_err(|_| {
                let (row, height) = (self.next_row, self.header.size.height);
                self.stashed_error.read_error_or_corrupt(format_args!("its pixels end in row {row} of {height}"))
            })?;
            scale(&self.samples, self.header.max_level, row);
        }
        Ok(())
    }
}

impl<B: BufRead> PnmRows<B> {
    fn read_samples(&mut self) -> io::Result<()> {
        let PnmHeader { size, encoding, channels, max_level, .. } = self.header;
        self.samples.resize(size.width as usize * usize::from(channels), 0);
        match encoding {
            PnmEncoding::Raw if max_level > 255 => {
                let mut bytes = vec![0; self.samples.len() * 2];
                self.source.read_exact(&mut bytes)?;
                for (sample, &two) in self.samples.iter_mut().zip(bytes.as_chunks().0) {
                    *sample = u16::from_be_bytes(two);
                }
            }
            PnmEncoding::Raw => {
                let mut bytes = vec![0; self.samples.len()];
                self.source.read_exact(&mut bytes)?;
                for (sample, &byte) in self.samples.iter_mut().zip(&bytes) {
                    *sample = byte.into();
                }
            }
            PnmEncoding::RawBits => {
                let mut bytes = vec![0; self.samples.len().div_ceil(8)];
                self.source.read_exact(&mut bytes)?;
                for (at, sample) in self.samples.iter_mut().enumerate() {
                    *sample = u16::from(bytes[at / 8] >> (7 - at % 8) & 1 == 0);
                }
            }
            PnmEncoding::PlainBits => {
                for sample in &mut self.samples {
                    *sample = match next_digit(&mut self.source)? {
                        b'0' => 1,
                        b'1' => 0,
                        _ => return Err(io::ErrorKind::InvalidData.into()),
                    };
                }
            }
            PnmEncoding::Plain => {
                for sample in &mut self.samples {
                    *sample = next_number(&mut self.source)?;
                }
            }
        }
        Ok(())
    }
}

/// Scales levels to 8 bits, or to 16 if there are more than 256 levels. Levels above that of white are white.
fn scale(samples: &[u16], max_level: u16, row: &mut [u8]) {
    let max = u32::from(max_level);
    let scaled = |sample: u16, white: u32| (u32::from(sample).min(max) * white + max / 2) / max;
    if max_level > 255 {
        for (&sample, out) in samples.iter().zip(row.as_chunks_mut().0) {
            // At most 65,535.
            let [low, high, ..] = scaled(sample, u16::MAX.into()).to_le_bytes();
            *out = u16::from_le_bytes([low, high]).to_ne_bytes();
        }
    } else {
        for (&sample, out) in samples.iter().zip(row) {
            *out = scaled(sample, u8::MAX.into()).to_le_bytes()[0];
        }
    }
}

/// The next byte that is neither white space nor in a comment.
fn next_digit(source: &mut impl BufRead) -> io::Result<u8> {
    loop {
        match next_byte(source)?.ok_or(io::ErrorKind::UnexpectedEof)? {
            b'#' => while next_byte(source)?.is_some_and(|byte| byte != b'\n') {},
            byte if is_blank(byte) => {}
            byte => return Ok(byte),
        }
    }
}

/// The next number. A number that is too large is the largest one.
fn next_number(source: &mut impl BufRead) -> io::Result<u16> {
    let mut number = 0u16;
    let mut digit = next_digit(source)?;
    loop {
        if !digit.is_ascii_digit() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        number = number.saturating_mul(10).saturating_add(u16::from(digit - b'0'));
        match next_byte(source)? {
            None => return Ok(number),
            Some(byte) if is_blank(byte) => return Ok(number),
            Some(byte) => digit = byte,
        }
    }
}

/// The next byte, or `None` at the end.
fn next_byte(source: &mut impl BufRead) -> io::Result<Option<u8>> {
    let byte = source.fill_buf()?.first().copied();
    source.consume(usize::from(byte.is_some()));
    Ok(byte)
}
