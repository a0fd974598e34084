//! JPEG through mozjpeg, at a DCT scale that leaves at least twice the target.
//!
//! libjpeg can reconstruct n×n pixels of an 8×8 block, for about n²/64 of the work after the
//! entropy decoding. Twice the target leaves the resampling filter what it needs: at once the
//! target, the result is visibly softer and aliased.

use std::io::{self, BufRead, Read};

use mozjpeg::decompress::DecompressStarted;
use mozjpeg::{ColorSpace, Decompress, Marker};

use super::{Decoded, Region};
use crate::geometry::Rect;
use crate::libjpeg::{error_manager, guard};
use crate::rows::{Layout, Rows};
use crate::source::{Blame, Source};
use crate::{RenderError, Size};

/// The rendition gets at least so many decoded pixels for each of its own, along each axis.
const GAP: u64 = 2;

pub(super) fn decode<'a, R: Read + 'a>(
    source: Source<R>,
    crop: Rect,
    size: Size,
) -> Result<Decoded<'a>, RenderError> {
    let blame = source.blame();
    let scale = scale(crop.size, size);
    let started = guard(|| start(source, scale))
        .map_err(|error| blame.reader_or_picture(error))?
        .map_err(|error| blame.reader_or_picture(error))?;
    let rows = Jpeg::new(started, blame)?;
    Ok(Decoded { rows: Box::new(rows), region: Region::scaled(crop, scale, 8) })
}

/// The smallest n/8 at which `from` is still [`GAP`] times as large as `to`; at most 8/8.
fn scale(from: Size, to: Size) -> u8 {
    let enough =
        |n: &u8, from: u32, to: u32| u64::from(*n) * u64::from(from) >= 8 * GAP * u64::from(to);
    (1..8)
        .find(|n| enough(n, from.width, to.width) && enough(n, from.height, to.height))
        .unwrap_or(8)
}

type Started<R> = DecompressStarted<Endless<Source<R>>>;

struct Opened<R> {
    jpeg: Started<R>,
    ink: Option<Ink>,
}

fn start<R: Read>(source: Source<R>, scale: u8) -> io::Result<Opened<R>> {
    let mut header = Decompress::with_markers(&[Marker::APP(14)])
        .with_err(error_manager())
        .from_reader(Endless(source))?;
    header.scale(scale);
    let ink = match header.color_space() {
        ColorSpace::JCS_CMYK | ColorSpace::JCS_YCCK => Some(Ink::of(&header)),
        _ => None,
    };
    let target = if ink.is_some() { ColorSpace::JCS_CMYK } else { ColorSpace::JCS_RGB };
    Ok(Opened { jpeg: header.to_colorspace(target)?, ink })
}

/// How the four inks of a CMYK picture are stored.
#[derive(Clone, Copy)]
enum Ink {
    /// 255 is the full ink, as the standard has it.
    Plain,
    /// 255 is no ink, as Adobe writes it.
    Inverted,
}

impl Ink {
    fn of<R>(header: &Decompress<R>) -> Self {
        let is_adobe = header.markers().any(|marker| marker.data.starts_with(b"Adobe"));
        if is_adobe { Ink::Inverted } else { Ink::Plain }
    }
}

struct Jpeg<R> {
    /// `None` once the last row was read.
    jpeg: Option<Started<R>>,
    ink: Option<Ink>,
    inks: Vec<u8>,
    size: Size,
    rows_left: u32,
    blame: Blame,
}

impl<R: Read> Jpeg<R> {
    fn new(started: Opened<R>, blame: Blame) -> Result<Self, RenderError> {
        let Opened { jpeg, ink } = started;
        let side = |side: usize| u32::try_from(side).map_err(RenderError::corrupt);
        let size = Size::new(side(jpeg.width())?, side(jpeg.height())?);
        Ok(Jpeg { jpeg: Some(jpeg), ink, inks: Vec::new(), size, rows_left: size.height, blame })
    }

    fn read_rgb(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let rows = u32::try_from(out.len() / self.stride()).map_err(RenderError::corrupt)?;
        self.rows_left =
            self.rows_left.checked_sub(rows).ok_or_else(|| RenderError::corrupt("no more rows"))?;
        let Some(mut jpeg) = self.jpeg.take() else {
            return Err(RenderError::corrupt("no more rows"));
        };
        let (ink, inks, is_last) = (self.ink, &mut self.inks, self.rows_left == 0);
        let result = guard(|| {
            match ink {
                None => jpeg.read_scanlines_into(out).map(drop)?,
                Some(ink) => {
                    inks.resize(out.len() / 3 * 4, 0);
                    jpeg.read_scanlines_into(inks.as_mut_slice())?;
                    print(inks, ink, out);
                }
            }
            // The end is read too, so that a picture without one is known for what it is.
            if is_last { jpeg.finish().map(|()| None) } else { Ok(Some(jpeg)) }
        });
        self.jpeg = result
            .map_err(|error| self.blame.reader_or_picture(error))?
            .map_err(|error: io::Error| self.blame.reader_or_picture(error))?;
        Ok(())
    }
}

/// Inks on white paper, by the rule of thumb: each lets through what the others leave.
fn print(inks: &[u8], ink: Ink, rgb: &mut [u8]) {
    let light = |byte: u8| u16::from(if matches!(ink, Ink::Inverted) { byte } else { 255 - byte });
    for (inks, rgb) in inks.as_chunks::<4>().0.iter().zip(rgb.as_chunks_mut::<3>().0) {
        let black = light(inks[3]);
        *rgb = [0, 1, 2].map(|at| {
            let product = light(inks[at]) * black + 127;
            // Exact division by 255 of what fits 16 bits.
            ((product + 1 + (product >> 8)) >> 8).to_le_bytes()[0]
        });
    }
}

impl<R: Read> Rows for Jpeg<R> {
    fn size(&self) -> Size {
        self.size
    }

    fn layout(&self) -> Layout {
        Layout::Rgb8
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        if out.is_empty() { Ok(()) } else { self.read_rgb(out) }
    }
}

/// A source whose end is an error: libjpeg would make up an end of its own, and grey rows before
/// it.
struct Endless<B>(B);

impl<B: BufRead> BufRead for Endless<B> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self.0.fill_buf()? {
            [] => Err(io::Error::other("the file ends before the picture does")),
            bytes => Ok(bytes),
        }
    }

    fn consume(&mut self, amount: usize) {
        self.0.consume(amount);
    }
}

impl<B: Read> Read for Endless<B> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_leaves_twice_the_target_and_no_more_than_it_must() {
        let cases = [
            // stored, target, n of n/8
            ((4000, 3000), (800, 600), 4),
            ((4000, 3000), (1000, 750), 4),
            ((4000, 3000), (1001, 751), 5),
            ((4000, 3000), (300, 225), 2),
            ((4000, 3000), (250, 188), 2), // 3000 / 8 is a pixel short of 2 × 188
            ((4000, 3008), (250, 188), 1),
            ((4000, 3000), (1, 1), 1),
            ((4000, 3000), (2000, 1500), 8),
            ((4000, 3000), (4000, 3000), 8),
            ((1, 1), (1, 1), 8),
        ];
        for ((sw, sh), (w, h), n) in cases {
            assert_eq!(scale(Size::new(sw, sh), Size::new(w, h)), n, "{sw}×{sh} to {w}×{h}");
        }
    }
}
