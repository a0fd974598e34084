//! GIF: the first frame, laid on its screen row by row.
//!
//! What the frame does not cover is transparent, whatever background the file names: that is how
//! every browser shows it. Of an interlaced frame all that is on the screen is held, one byte a
//! pixel.

use std::io::{self, Read};
use std::num::NonZeroU64;

use gif::{ColorOutput, DecodeOptions, Decoder, DecodingError, Frame, MemoryLimit};

use super::Decoded;
use crate::geometry::Rect;
use crate::raster::{Channels, PixelFormat, Region, Rows};
use crate::source::{Blame, Source};
use crate::{RenderError, Size};

pub(super) fn decode<'a, R: Read + 'a>(
    source: Source<R>,
    crop: Rect,
) -> Result<Decoded<'a>, RenderError> {
    let blame = source.blame();
    let gif = Gif::open(source, blame.clone()).map_err(|error| blame.reader_or_picture(error))?;
    Ok(Decoded::packed(Box::new(gif), Region::at_full_scale(crop), None))
}

struct Gif<R: Read> {
    decoder: Decoder<Source<R>>,
    screen: Size,
    frame: Rect,
    channels: Channels,
    colours: Vec<[u8; 4]>,
    /// Rows of an interlaced frame in the order in which they are seen, as far as they are.
    deinterlaced: Option<Vec<u8>>,
    lines: Lines,
    next_row: u32,
    blame: Blame,
}

impl<R: Read> Gif<R> {
    fn open(source: Source<R>, blame: Blame) -> Result<Self, DecodingError> {
        let mut decoder = decoder(source)?;
        let screen = Size::new(decoder.width().into(), decoder.height().into());
        let Some(first) = decoder.next_frame_info()? else {
            return Err(io::Error::other("there is no frame in it").into());
        };
        let frame = place(first);
        let size = frame.size;
        let (is_interlaced, transparent) = (first.interlaced, first.transparent);

        let covers = frame.x == 0
            && frame.y == 0
            && size.width >= screen.width
            && size.height >= screen.height;
        let channels = if covers && transparent.is_none() { Channels::Rgb } else { Channels::Rgba };
        let colours = colours(decoder.palette()?, transparent);
        let deinterlaced =
            if is_interlaced { Some(deinterlaced(&mut decoder, frame, screen)?) } else { None };
        Ok(Gif {
            decoder,
            screen,
            frame,
            channels,
            colours,
            deinterlaced,
            lines: Lines::of(size),
            next_row: 0,
            blame,
        })
    }

    /// The next row of the screen, of pixels with alpha.
    fn row(&mut self) -> Result<Vec<[u8; 4]>, DecodingError> {
        let mut row = vec![[0; 4]; self.screen.width as usize];
        let in_frame =
            self.next_row.checked_sub(self.frame.y).filter(|&y| y < self.frame.size.height);
        self.next_row += 1;
        let Some(y) = in_frame else { return Ok(row) };
        let indices = if let Some(rows) = &self.deinterlaced {
            let width = on_screen(self.frame, self.screen).width as usize;
            &rows[y as usize * width..][..width]
        } else {
            self.lines.next(&mut self.decoder)?
        };
        for (pixel, &index) in row.iter_mut().skip(self.frame.x as usize).zip(indices) {
            *pixel = self.colours[usize::from(index)];
        }
        Ok(row)
    }
}

pub(super) fn decoder<R: Read>(source: Source<R>) -> Result<Decoder<Source<R>>, DecodingError> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.set_memory_limit(MemoryLimit::Bytes(MAX_ASIDE_BYTES));
    options.read_info(source)
}

/// What may be kept beside the pixels, of which the decoder keeps none: metadata that nobody asked
/// for.
const MAX_ASIDE_BYTES: NonZeroU64 = NonZeroU64::new(16 << 20).expect("is not zero");

/// Where on the screen a frame is drawn; part of it may be beyond.
pub(super) fn place(frame: &Frame<'_>) -> Rect {
    let size = Size::new(frame.width.into(), frame.height.into());
    Rect { x: frame.left.into(), y: frame.top.into(), size }
}

/// How much of a frame is not beyond the screen.
fn on_screen(frame: Rect, screen: Size) -> Size {
    let width = screen.width.saturating_sub(frame.x).min(frame.size.width);
    Size::new(width, screen.height.saturating_sub(frame.y).min(frame.size.height))
}

/// The rows of a frame in the order in which they are stored.
pub(super) fn line_order(height: u32, is_interlaced: bool) -> impl Iterator<Item = u32> {
    // GIF89a, appendix E.
    let passes: &[(u32, usize)] =
        if is_interlaced { &[(0, 8), (4, 8), (2, 4), (1, 2)] } else { &[(0, 1)] };
    passes.iter().flat_map(move |&(start, step)| (start..height).step_by(step))
}

/// The indices of the rows and columns that are on the screen.
fn deinterlaced<R: Read>(
    decoder: &mut Decoder<Source<R>>,
    frame: Rect,
    screen: Size,
) -> Result<Vec<u8>, DecodingError> {
    let seen = on_screen(frame, screen);
    let width = seen.width as usize;
    let mut indices = vec![0; width * seen.height as usize];
    let mut lines = Lines::of(frame.size);
    for y in line_order(frame.size.height, true) {
        let line = lines.next(decoder)?;
        if let Some(row) = indices.get_mut(y as usize * width..).and_then(|it| it.get_mut(..width))
        {
            row.copy_from_slice(&line[..width]);
        }
    }
    Ok(indices)
}

/// The lines of a frame as they are stored, some at a time.
pub(super) struct Lines {
    width: usize,
    lines_left: usize,
    /// Those from `at` are still to be handed out.
    strip: Vec<u8>,
    at: usize,
}

impl Lines {
    /// The decoder loses what it has not yet handed out when it meets the end of the frame, which
    /// is a string of 4,096 px at the most. So the last strip is longer than that.
    const STRIP_PIXELS: usize = 64 * 1024;

    pub(super) fn of(frame: Size) -> Self {
        let (width, lines_left) = (frame.width as usize, frame.height as usize);
        Lines { width, lines_left, strip: Vec::new(), at: 0 }
    }

    pub(super) fn next<R: Read>(
        &mut self,
        decoder: &mut Decoder<Source<R>>,
    ) -> Result<&[u8], DecodingError> {
        if self.at == self.strip.len() {
            let some = Self::STRIP_PIXELS.div_ceil(self.width.max(1));
            let lines = if self.lines_left < 2 * some { self.lines_left } else { some };
            self.lines_left -= lines;
            self.strip.resize(lines * self.width, 0);
            self.at = 0;
            if !decoder.fill_buffer(&mut self.strip)? {
                return Err(io::Error::other("the frame ends early").into());
            }
        }
        self.at += self.width;
        Ok(&self.strip[self.at - self.width..self.at])
    }
}

/// A colour for each index there can be; those beyond the palette are black.
pub(super) fn colours(palette: &[u8], transparent: Option<u8>) -> Vec<[u8; 4]> {
    let mut colours: Vec<[u8; 4]> =
        palette.as_chunks().0.iter().map(|&[r, g, b]| [r, g, b, u8::MAX]).collect();
    colours.resize(256, [0, 0, 0, u8::MAX]);
    if let Some(index) = transparent {
        colours[usize::from(index)] = [0; 4];
    }
    colours
}

impl<R: Read> Rows for Gif<R> {
    fn size(&self) -> Size {
        self.screen
    }

    fn pixel_format(&self) -> PixelFormat {
        self.channels.eight_bit()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let stride = self.stride();
        for out in out.chunks_exact_mut(stride) {
            let row = self.row().map_err(|error| self.blame.reader_or_picture(error))?;
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
    use crate::raster::{CroppedRows, Raster};

    const PALETTE: [u8; 12] = [9, 9, 9, 255, 0, 0, 0, 255, 0, 0, 0, 255];

    /// A screen of 4×4 with one frame on it.
    fn gif(frame: gif::Frame<'_>) -> Vec<u8> {
        let mut gif = Vec::new();
        gif::Encoder::new(&mut gif, 4, 4, &PALETTE).unwrap().write_frame(&frame).unwrap();
        gif
    }

    fn pixels(source: &[u8]) -> Result<(PixelFormat, Vec<u8>), RenderError> {
        let (_, source) = Source::open(source)?;
        let crop = Rect::whole(Size::new(4, 4));
        let Raster::Packed(CroppedRows { mut rows, .. }) = decode(source, crop)?.picture else {
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
        let expected: Vec<u8> =
            indices.iter().flat_map(|&at| PALETTE[usize::from(at) * 3..][..3].to_vec()).collect();
        assert_eq!(
            pixels(&gif(frame(&indices, 4))).unwrap(),
            (Channels::Rgb.eight_bit(), expected)
        );
    }

    #[test]
    fn around_a_small_frame_and_in_its_transparent_colour_nothing_is_seen() {
        let small = gif::Frame { left: 1, top: 2, transparent: Some(3), ..frame(&[1, 3, 2, 1], 2) };
        let (pixel_format, pixels) = pixels(&gif(small)).unwrap();
        assert_eq!(pixel_format, Channels::Rgba.eight_bit());
        let seen: Vec<(usize, &[u8])> =
            pixels.chunks(4).enumerate().filter(|(_, pixel)| pixel[3] > 0).collect();
        let expected: [(usize, &[u8]); 3] =
            [(9, &[255, 0, 0, 255]), (13, &[0, 255, 0, 255]), (14, &[255, 0, 0, 255])];
        assert_eq!(seen, expected);
    }

    #[test]
    fn an_interlaced_frame_is_put_in_order() {
        // Rows are stored 0, then 2 (every eighth, fourth, second row), then 1 and 3.
        let stored = [[0; 4], [2; 4], [1; 4], [3; 4]].concat();
        let interlaced = gif::Frame { interlaced: true, ..frame(&stored, 4) };
        let (_, pixels) = pixels(&gif(interlaced)).unwrap();
        let first_of_rows: Vec<u8> = pixels.chunks(12).map(|row| row[2]).collect();
        assert_eq!(first_of_rows, [9, 0, 0, 255]);
    }

    #[test]
    fn a_frame_that_hangs_over_its_screen_is_cut() {
        let indices = [1; 36];
        let (pixel_format, pixels) = pixels(&gif(frame(&indices, 6))).unwrap();
        assert_eq!((pixel_format, pixels.len()), (Channels::Rgb.eight_bit(), 48));
        assert!(pixels.chunks(3).all(|pixel| pixel == [255, 0, 0]));
    }

    #[test]
    fn a_frame_whose_last_lines_are_one_string_is_whole() {
        for (width, height) in [(2, 4), (1, 400), (300, 1), (3, 50_000), (70, 2000)] {
            let indices = vec![2; usize::from(width) * usize::from(height)];
            let mut source = Vec::new();
            let buffer = indices.into();
            let frame = gif::Frame { width, height, buffer, ..Default::default() };
            let mut encoder = gif::Encoder::new(&mut source, width, height, &PALETTE).unwrap();
            encoder.write_frame(&frame).unwrap();
            drop(encoder);
            let (_, source) = Source::open(source.as_slice()).unwrap();
            let crop = Rect::whole(Size::new(width.into(), height.into()));
            let Raster::Packed(CroppedRows { mut rows, .. }) =
                decode(source, crop).unwrap().picture
            else {
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
