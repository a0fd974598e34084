//! GIF: the first frame, drawn on its screen row by row.
//!
//! The screen is transparent where the frame does not cover it. The background that the file names is ignored, as browsers
//! do. The visible part of an interlaced frame is held as a whole, one byte per pixel.

use std::io::{self, Read};
use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, Decoder, DecodingError, Frame, MemoryLimit};

use super::decoded::Decoded;
use crate::geometry::Rect;
use crate::raster::{Channels, PixelFormat, Region, Rows};
use crate::source_reader::SourceReader;
use crate::stashed_io_error::StashedIoError;
use crate::{RenderError, Size};

pub(super) fn decode<'a, R: Read + 'a>(source: SourceReader<R>, crop: Rect) -> Result<Decoded<'a>, RenderError> {
    let stashed_error = source.stashed_error();
    let gif = FirstFrameRows::open(source, stashed_error.clone())
        .map_err(|error| stashed_error.read_error_or_corrupt(error))?;
    Ok(Decoded::packed(Box::new(gif), Region::at_full_scale(crop), None))
}

/// The rows of the screen with the first frame on it.
struct FirstFrameRows<R: Read> {
    decoder: Decoder<SourceReader<R>>,
    screen: Size,
    frame: Rect,
    channels: Channels,
    colours: Vec<[u8; 4]>,
    /// The visible colour indices of an interlaced frame, in the order of rows on the screen.
    deinterlaced: Option<Vec<u8>>,
    frame_rows: FrameRows,
    next_row: u32,
    stashed_error: StashedIoError,
}

impl<R: Read> FirstFrameRows<R> {
    fn open(source: SourceReader<R>, stashed_error: StashedIoError) -> Result<Self, DecodingError> {
        let mut decoder = open_decoder(source)?;
        let screen = Size::new(decoder.width().into(), decoder.height().into());
        let Some(first) = decoder.next_frame_info()? else {
            return Err(io::Error::other("it has no frame").into());
        };
        let frame = frame_rect(first);
        let size = frame.size;
        let (is_interlaced, transparent) = (first.interlaced, first.transparent);

        let covers_screen = frame.x == 0 && frame.y == 0 && size.width >= screen.width && size.height >= screen.height;
        let channels = if covers_screen && transparent.is_none() { Channels::Rgb } else { Channels::Rgba };
        let colours = colour_table(decoder.palette()?, transparent);
        let deinterlaced = if is_interlaced { Some(deinterlace(&mut decoder, frame, screen)?) } else { None };
        Ok(FirstFrameRows {
            decoder,
            screen,
            frame,
            channels,
            colours,
            deinterlaced,
            frame_rows: FrameRows::new(size),
            next_row: 0,
            stashed_error,
        })
    }

    /// The next row of the screen, as RGBA.
    fn row(&mut self) -> Result<Vec<[u8; 4]>, DecodingError> {
        let mut row = vec![[0; 4]; self.screen.width as usize];
        let in_frame = self.next_row.checked_sub(self.frame.y).filter(|&y| y < self.frame.size.height);
        self.next_row += 1;
        let Some(y) = in_frame else { return Ok(row) };
        let indices = if let Some(rows) = &self.deinterlaced {
            let width = visible_size(self.frame, self.screen).width as usize;
            &rows[y as usize * width..][..width]
        } else {
            self.frame_rows.next_row(&mut self.decoder)?
        };
        for (pixel, &index) in row.iter_mut().skip(self.frame.x as usize).zip(indices) {
            *pixel = self.colours[usize::from(index)];
        }
        Ok(row)
    }
}

/// Opens a decoder that returns colour indices.
pub(super) fn open_decoder<R: Read>(source: SourceReader<R>) -> Result<Decoder<SourceReader<R>>, DecodingError> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.set_memory_limit(MemoryLimit::Bytes(MAX_METADATA_BYTES));
    options.read_info(source)
}

/// Limit on the decoder's memory for metadata. It holds no pixels.
const MAX_METADATA_BYTES: NonZeroU64 = NonZeroU64::new(16 << 20).expect("is not zero");

/// Where a frame is drawn. Part of it may be outside the screen.
pub(super) fn frame_rect(frame: &Frame<'_>) -> Rect {
    let size = Size::new(frame.width.into(), frame.height.into());
    Rect { x: frame.left.into(), y: frame.top.into(), size }
}

/// The size of the part of a frame that is on the screen.
fn visible_size(frame: Rect, screen: Size) -> Size {
    let width = screen.width.saturating_sub(frame.x).min(frame.size.width);
    Size::new(width, screen.height.saturating_sub(frame.y).min(frame.size.height))
}

/// The rows of a frame, in the order in which they are stored.
pub(super) fn row_order(height: u32, is_interlaced: bool) -> impl Iterator<Item = u32> {
    // GIF89a, appendix E.
    let passes: &[(u32, usize)] = if is_interlaced { &[(0, 8), (4, 8), (2, 4), (1, 2)] } else { &[(0, 1)] };
    passes.iter().flat_map(move |&(start, step)| (start..height).step_by(step))
}

/// Decodes an interlaced frame. Returns the colour indices of its visible part.
fn deinterlace<R: Read>(
    decoder: &mut Decoder<SourceReader<R>>,
    frame: Rect,
    screen: Size,
) -> Result<Vec<u8>, DecodingError> {
    let visible = visible_size(frame, screen);
    let width = visible.width as usize;
    let mut indices = vec![0; width * visible.height as usize];
    let mut frame_rows = FrameRows::new(frame.size);
    for y in row_order(frame.size.height, true) {
        let stored = frame_rows.next_row(decoder)?;
        if let Some(row) = indices.get_mut(y as usize * width..).and_then(|it| it.get_mut(..width)) {
            row.copy_from_slice(&stored[..width]);
        }
    }
    Ok(indices)
}

/// Reads the rows of a frame in the order in which they are stored. They are decoded in strips.
pub(super) struct FrameRows {
    width: usize,
    /// Rows that were not decoded yet.
    rows_left: usize,
    /// Decoded rows. The bytes from `at` on are the next ones to read.
    strip: Vec<u8>,
    at: usize,
}

impl FrameRows {
    // At the end of a frame, the decoder drops pixels that it has decoded but not returned. These are one string of the
    // compressed data, which has at most 4,096 px. The last strip is therefore longer than that.
    const STRIP_PIXELS: usize = 64 * 1024;

    pub(super) fn new(frame: Size) -> Self {
        let (width, rows_left) = (frame.width as usize, frame.height as usize);
        FrameRows { width, rows_left, strip: Vec::new(), at: 0 }
    }

    pub(super) fn next_row<R: Read>(&mut self, decoder: &mut Decoder<SourceReader<R>>) -> Result<&[u8], DecodingError> {
        if self.at == self.strip.len() {
            let strip_rows = Self::STRIP_PIXELS.div_ceil(self.width.max(1));
            let rows = if self.rows_left < 2 * strip_rows { self.rows_left } else { strip_rows };
            self.rows_left -= rows;
            self.strip.resize(rows * self.width, 0);
            self.at = 0;
            if !decoder.fill_buffer(&mut self.strip)? {
                return Err(io::Error::other("the frame ends early").into());
            }
        }
        self.at += self.width;
        Ok(&self.strip[self.at - self.width..self.at])
    }
}

/// The colour of each index. Indices beyond the palette are black.
pub(super) fn colour_table(palette: &[u8], transparent: Option<u8>) -> Vec<[u8; 4]> {
    let mut colours: Vec<[u8; 4]> = palette.as_chunks().0.iter().map(|&[r, g, b]| [r, g, b, u8::MAX]).collect();
    colours.resize(256, [0, 0, 0, u8::MAX]);
    if let Some(index) = transparent {
        colours[usize::from(index)] = [0; 4];
    }
    colours
}

impl<R: Read> Rows for FirstFrameRows<R> {
    fn size(&self) -> Size {
        self.screen
    }

    fn pixel_format(&self) -> PixelFormat {
        self.channels.eight_bit()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let stride = self.stride();
        for out in out.chunks_exact_mut(stride) {
            let row = self.row().map_err(|error| self.stashed_error.read_error_or_corrupt(error))?;
            if self.channels == Channels::Rgba {
                out.copy_from_slice(row.as_flattened());
            } else {
                for (out, [r, g, b, _]) in out.as_chunks_mut().0.iter_mut().zip(row) {
                    *out = [r, g, b];
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::raster::{Raster, RowsToCrop};

    const PALETTE: [u8; 12] = [9, 9, 9, 255, 0, 0, 0, 255, 0, 0, 0, 255];

    /// A screen of 4×4 with one frame on it.
    fn gif(frame: gif::Frame<'_>) -> Vec<u8> {
        let mut gif = Vec::new();
        gif::Encoder::new(&mut gif, 4, 4, &PALETTE).unwrap().write_frame(&frame).unwrap();
        gif
    }

    fn pixels(source: &[u8]) -> Result<(PixelFormat, Vec<u8>), RenderError> {
        let (_, source) = SourceReader::open(source)?;
        let crop = Rect::whole(Size::new(4, 4));
        let Raster::Packed(RowsToCrop { mut rows, .. }) = decode(source, crop)?.picture else {
            panic!("a GIF has no planes")
        };
        let mut out = vec![0; rows.stride() * 4];
        rows.read(&mut out)?;
        Ok((rows.pixel_format(), out))
    }

    fn frame(indices: &[u8], width: u16) -> gif::Frame<'_> {
        let height = u16::try_from(indices.len()).unwrap() / width;
        gif::Frame { width, height, buffer: indices.into(), ..Default::default() }
    }

    #[test]
    fn a_frame_that_covers_its_screen_has_no_alpha() {
        let indices: Vec<u8> = (0..16).map(|at| at % 4).collect();
        let expected: Vec<u8> = indices.iter().flat_map(|&at| PALETTE[usize::from(at) * 3..][..3].to_vec()).collect();
        assert_eq!(pixels(&gif(frame(&indices, 4))).unwrap(), (Channels::Rgb.eight_bit(), expected));
    }

    #[test]
    fn pixels_outside_the_frame_and_of_the_transparent_colour_are_transparent() {
        let small = gif::Frame { left: 1, top: 2, transparent: Some(3), ..frame(&[1, 3, 2, 1], 2) };
        let (pixel_format, pixels) = pixels(&gif(small)).unwrap();
        assert_eq!(pixel_format, Channels::Rgba.eight_bit());
        let visible: Vec<(usize, &[u8])> = pixels.chunks(4).enumerate().filter(|(_, pixel)| pixel[3] > 0).collect();
        let expected: [(usize, &[u8]); 3] = [(9, &[255, 0, 0, 255]), (13, &[0, 255, 0, 255]), (14, &[255, 0, 0, 255])];
        assert_eq!(visible, expected);
    }

    #[test]
    fn rows_of_an_interlaced_frame_are_sorted() {
        // Rows are stored 0, then 2 (every eighth, fourth, second row), then 1 and 3.
        let stored = [[0; 4], [2; 4], [1; 4], [3; 4]].concat();
        let interlaced = gif::Frame { interlaced: true, ..frame(&stored, 4) };
        let (_, pixels) = pixels(&gif(interlaced)).unwrap();
        let first_of_rows: Vec<u8> = pixels.chunks(12).map(|row| row[2]).collect();
        assert_eq!(first_of_rows, [9, 0, 0, 255]);
    }

    #[test]
    fn a_frame_is_cropped_to_the_screen() {
        let indices = [1; 36];
        let (pixel_format, pixels) = pixels(&gif(frame(&indices, 6))).unwrap();
        assert_eq!((pixel_format, pixels.len()), (Channels::Rgb.eight_bit(), 48));
        assert!(pixels.chunks(3).all(|pixel| pixel == [255, 0, 0]));
    }

    #[test]
    fn a_frame_that_ends_in_one_long_string_is_complete() {
        for (width, height) in [(2, 4), (1, 400), (300, 1), (3, 50_000), (70, 2000)] {
            let indices = vec![2; usize::from(width) * usize::from(height)];
            let mut source = Vec::new();
            let buffer = indices.into();
            let frame = gif::Frame { width, height, buffer, ..Default::default() };
            let mut encoder = gif::Encoder::new(&mut source, width, height, &PALETTE).unwrap();
            encoder.write_frame(&frame).unwrap();
            drop(encoder);
            let (_, source) = SourceReader::open(source.as_slice()).unwrap();
            let crop = Rect::whole(Size::new(width.into(), height.into()));
            let Raster::Packed(RowsToCrop { mut rows, .. }) = decode(source, crop).unwrap().picture else {
                panic!("a GIF has no planes")
            };
            let mut row = vec![0; rows.stride()];
            for y in 0..height {
                rows.read(&mut row).unwrap();
                assert!(row.chunks(3).all(|pixel| pixel == [0, 255, 0]), "{width}×{height}: {y}");
            }
        }
    }

    #[test]
    fn a_file_without_a_frame_is_corrupt() {
        let mut gif = gif(frame(&[0; 16], 4));
        let image = gif.iter().position(|&byte| byte == 0x2C).unwrap();
        gif.truncate(image - 8);
        gif.push(0x3B);
        assert!(matches!(pixels(&gif), Err(RenderError::Rejected(_))));
    }
}
