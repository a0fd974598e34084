//! GIF: the first frame, drawn on its screen row by row.
//!
//! The screen is transparent where the frame does not cover it. The background that the file names is ignored, as browsers
//! do. The visible part of an interlaced frame is held as a whole, one byte per pixel.

mod blocks;
mod pixels;

use std::io::Read;

pub(super) use self::blocks::{Blocks, DisposalMethod, Fault, FrameHeader};
pub(super) use self::pixels::FramePixels;
use super::decoded::Decoded;
use crate::damage::{DamageLog, MISSING};
use crate::geometry::Rect;
use crate::raster::{Channels, PixelFormat, Region, Rows};
use crate::source_reader::SourceReader;
use crate::{Header, RenderError, Size};

pub(super) fn decode<'a, R: Read + 'a>(
    source: SourceReader<R>,
    header: &Header,
    crop: Rect,
) -> Result<Decoded<'a>, RenderError> {
    let gif = FirstFrameRows::open(source, header.size)?;
    Ok(Decoded::packed(Box::new(gif), Region::at_full_scale(crop), Vec::new()))
}

/// The rows of the screen with the first frame on it.
struct FirstFrameRows<R: Read> {
    blocks: Blocks<SourceReader<R>>,
    screen: Size,
    frame: FrameHeader,
    channels: Channels,
    /// The visible colour indices of an interlaced frame, in the order of rows on the screen.
    deinterlaced: Option<Deinterlaced>,
    pixels: FramePixels,
    next_row: u32,
    log: DamageLog,
}

impl<R: Read> FirstFrameRows<R> {
    /// `screen` is the size of the header, which may be more than the file states for its screen.
    fn open(source: SourceReader<R>, screen: Size) -> Result<Self, RenderError> {
        let log = source.damage();
        let rejected = |fault: Fault| log.reject(fault);
        let mut blocks = Blocks::open(source).map_err(rejected)?;
        let frame = blocks.next_frame().map_err(rejected)?.ok_or_else(|| log.reject("there is no frame"))?;
        let mut pixels = blocks.pixels(&frame, 1).map_err(rejected)?;
        let Rect { x, y, size } = frame.rect;
        let covers_screen = x == 0 && y == 0 && size.width >= screen.width && size.height >= screen.height;
        let channels = if covers_screen && !frame.has_transparent_colour { Channels::Rgb } else { Channels::Rgba };
        let deinterlaced = if frame.is_interlaced {
            Some(Deinterlaced::decode(&mut blocks, &mut pixels, frame.rect, screen, &log)?)
        } else {
            None
        };
        Ok(FirstFrameRows { blocks, screen, frame, channels, deinterlaced, pixels, next_row: 0, log })
    }

    /// The next row of the screen, as RGBA.
    fn row(&mut self) -> Result<Vec<[u8; 4]>, RenderError> {
        // What the frame does not cover, and what is missing of it.
        let empty = if self.channels == Channels::Rgb { [MISSING; 4] } else { [0; 4] };
        let mut row = vec![empty; self.screen.width as usize];
        let Rect { x, y, size } = self.frame.rect;
        let in_frame = self.next_row.checked_sub(y).filter(|&y| y < size.height);
        self.next_row += 1;
        let Some(y) = in_frame else { return Ok(row) };
        let indices = if let Some(rows) = &self.deinterlaced {
            rows.row(y)
        } else {
            self.pixels.next_row(&mut self.blocks, &self.log)?
        };
        for (pixel, &index) in row.iter_mut().skip(x as usize).zip(indices) {
            *pixel = self.frame.colours[usize::from(index)];
        }
        Ok(row)
    }
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

/// The visible part of an interlaced frame.
struct Deinterlaced {
    width: usize,
    indices: Vec<u8>,
    /// How many pixels each row has. It is less than the width where pixels are missing.
    row_lens: Vec<usize>,
}

impl Deinterlaced {
    fn decode<R: Read>(
        blocks: &mut Blocks<SourceReader<R>>,
        pixels: &mut FramePixels,
        frame: Rect,
        screen: Size,
        log: &DamageLog,
    ) -> Result<Self, RenderError> {
        let visible = visible_size(frame, screen);
        let (width, height) = (visible.width as usize, visible.height as usize);
        let mut rows = Deinterlaced { width, indices: vec![0; width * height], row_lens: vec![0; height] };
        for y in row_order(frame.size.height, true) {
            let stored = pixels.next_row(blocks, log)?;
            let y = y as usize;
            if let Some(row_len) = rows.row_lens.get_mut(y) {
                *row_len = width.min(stored.len());
                rows.indices[y * width..][..*row_len].copy_from_slice(&stored[..*row_len]);
            }
        }
        Ok(rows)
    }

    /// The pixels of a row that were decoded; none below the screen.
    fn row(&self, y: u32) -> &[u8] {
        let y = y as usize;
        self.row_lens.get(y).map_or(&[], |&len| &self.indices[y * self.width..][..len])
    }
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
            let row = self.row()?;
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
        let (header, source) = SourceReader::open(source)?;
        let crop = Rect::whole(header.size);
        let Raster::Packed(RowsToCrop { mut rows, .. }) = decode(source, &header, crop)?.picture else {
            panic!("a GIF has no planes")
        };
        let mut out = vec![0; rows.stride() * rows.size().height as usize];
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
    fn the_screen_grows_to_its_first_frame() {
        let indices = [1; 36];
        let larger = gif::Frame { left: 1, ..frame(&indices, 6) };
        let (pixel_format, pixels) = pixels(&gif(larger)).unwrap();
        assert_eq!((pixel_format, pixels.len()), (Channels::Rgba.eight_bit(), 4 * 7 * 6));
        for row in pixels.chunks(4 * 7) {
            assert!(row[..4] == [0; 4] && row[4..].chunks(4).all(|pixel| pixel == [255, 0, 0, 255]));
        }
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
            let (header, source) = SourceReader::open(source.as_slice()).unwrap();
            let crop = Rect::whole(Size::new(width.into(), height.into()));
            let Raster::Packed(RowsToCrop { mut rows, .. }) = decode(source, &header, crop).unwrap().picture else {
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
