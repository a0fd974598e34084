//! GIF: the first frame, laid on its screen row by row.
//!
//! What the frame does not cover is transparent, whatever background the file names: that is how
//! every browser shows it. An interlaced frame is held whole, one byte a pixel.

use std::io::{self, Read};

use gif::{ColorOutput, DecodeOptions, Decoder, DecodingError, MemoryLimit};

use super::{Decoded, Region};
use crate::geometry::Rect;
use crate::rows::{Channels, Layout, Rows};
use crate::source::{Blame, Source};
use crate::{RenderError, Size};

pub(super) fn decode<'a, R: Read + 'a>(
    source: Source<R>,
    crop: Rect,
) -> Result<Decoded<'a>, RenderError> {
    let blame = source.blame();
    let gif = Gif::open(source, blame.clone()).map_err(|error| blame.reader_or_picture(error))?;
    Ok(Decoded { rows: Box::new(gif), region: Region::at_full_scale(crop), profile: None })
}

struct Gif<R: Read> {
    decoder: Decoder<Source<R>>,
    screen: Size,
    frame: Rect,
    channels: Channels,
    colours: Vec<[u8; 4]>,
    /// Indices of an interlaced frame, in the order in which they are seen.
    deinterlaced: Option<Vec<u8>>,
    indices: Vec<u8>,
    next_row: u32,
    blame: Blame,
}

impl<R: Read> Gif<R> {
    fn open(source: Source<R>, blame: Blame) -> Result<Self, DecodingError> {
        let mut options = DecodeOptions::new();
        options.set_color_output(ColorOutput::Indexed);
        // Nothing is held that grows with the picture but the indices below.
        options.set_memory_limit(MemoryLimit::Unlimited);
        let mut decoder = options.read_info(source)?;
        let screen = Size::new(decoder.width().into(), decoder.height().into());
        let Some(first) = decoder.next_frame_info()? else {
            return Err(io::Error::other("there is no frame in it").into());
        };
        let size = Size::new(first.width.into(), first.height.into());
        let frame = Rect { x: first.left.into(), y: first.top.into(), size };
        let (is_interlaced, transparent) = (first.interlaced, first.transparent);

        let covers = frame.x == 0
            && frame.y == 0
            && size.width >= screen.width
            && size.height >= screen.height;
        let channels = if covers && transparent.is_none() { Channels::Rgb } else { Channels::Rgba };
        let colours = colours(decoder.palette()?, transparent);
        let deinterlaced = if is_interlaced {
            let mut indices = vec![0; decoder.buffer_size()];
            decoder.read_into_buffer(&mut indices)?;
            Some(indices)
        } else {
            None
        };
        let indices = vec![0; size.width as usize];
        Ok(Gif {
            decoder,
            screen,
            frame,
            channels,
            colours,
            deinterlaced,
            indices,
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
        if let Some(indices) = &self.deinterlaced {
            let width = self.indices.len();
            self.indices.copy_from_slice(&indices[y as usize * width..][..width]);
        } else if !self.decoder.fill_buffer(&mut self.indices)? {
            return Err(io::Error::other("the frame ends early").into());
        }
        let covered = row.iter_mut().skip(self.frame.x as usize);
        for (pixel, &index) in covered.zip(&self.indices) {
            *pixel = self.colours[usize::from(index)];
        }
        Ok(row)
    }
}

/// A colour for each index there can be; those beyond the palette are black.
fn colours(palette: &[u8], transparent: Option<u8>) -> Vec<[u8; 4]> {
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

    fn layout(&self) -> Layout {
        self.channels.eight()
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

    const PALETTE: [u8; 12] = [9, 9, 9, 255, 0, 0, 0, 255, 0, 0, 0, 255];

    /// A screen of 4×4 with one frame on it.
    fn gif(frame: gif::Frame<'_>) -> Vec<u8> {
        let mut gif = Vec::new();
        gif::Encoder::new(&mut gif, 4, 4, &PALETTE).unwrap().write_frame(&frame).unwrap();
        gif
    }

    fn pixels(source: &[u8]) -> Result<(Layout, Vec<u8>), RenderError> {
        let (_, source) = Source::open(source)?;
        let crop = Rect::whole(Size::new(4, 4));
        let mut rows = decode(source, crop)?.rows;
        let mut out = vec![0; rows.stride() * 4];
        rows.read(&mut out)?;
        Ok((rows.layout(), out))
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
        assert_eq!(pixels(&gif(frame(&indices, 4))).unwrap(), (Channels::Rgb.eight(), expected));
    }

    #[test]
    fn around_a_small_frame_and_in_its_transparent_colour_nothing_is_seen() {
        let small = gif::Frame { left: 1, top: 2, transparent: Some(3), ..frame(&[1, 3, 2, 1], 2) };
        let (layout, pixels) = pixels(&gif(small)).unwrap();
        assert_eq!(layout, Channels::Rgba.eight());
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
        let (layout, pixels) = pixels(&gif(frame(&indices, 6))).unwrap();
        assert_eq!((layout, pixels.len()), (Channels::Rgb.eight(), 48));
        assert!(pixels.chunks(3).all(|pixel| pixel == [255, 0, 0]));
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
