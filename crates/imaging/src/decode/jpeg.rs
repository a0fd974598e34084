//! JPEG through mozjpeg, at a DCT scale that leaves half as much again as the target needs.
//!
//! libjpeg can reconstruct n×n pixels of an 8×8 block, for about n²/64 of the work after the
//! entropy decoding. Twice the target leaves the resampling filter what it needs: at once the
//! target, the result is visibly softer and aliased.

use std::io::{self, BufRead, Read};

use mozjpeg::decompress::DecompressStarted;
use mozjpeg::{ColorSpace, Decompress, Marker};

use super::scans::Scans;
use super::{Decoded, Region, icc};
use crate::ffi::libjpeg::{error_manager, guard};
use crate::geometry::Rect;
use crate::rows::{Channels, Layout, Rows};
use crate::source::{Blame, Source};
use crate::{RenderError, Size};

/// The rendition gets at least 3 decoded pixels for 2 of its own, along each axis. At 1:1 it loses
/// 18 dB to a full decode.
const GAP: (u64, u64) = (3, 2);

/// The n of n/8 that are worth their time: 1, 2, 4 and 8 have SIMD, 3 is fast enough without, and 5
/// to 7 take longer than a full decode.
const SCALES: [u8; 4] = [1, 2, 3, 4];

pub(super) fn decode<'a, R: Read + 'a>(
    source: Source<R>,
    crop: Rect,
    size: Size,
) -> Result<Decoded<'a>, RenderError> {
    let blame = source.blame();
    let scale = scale(crop.size, size);
    let Opened { jpeg, channels, ink, profile } = guard(|| open(source, scale))
        .map_err(|error| blame.reader_or_picture(error))?
        .map_err(|error| blame.reader_or_picture(error))?;
    let side = |side: usize| u32::try_from(side).map_err(RenderError::corrupt);
    let size = Size::new(side(jpeg.width())?, side(jpeg.height())?);
    let rows = Jpeg { jpeg: Some(jpeg), channels, ink, size, rows_left: size.height, blame };
    Ok(Decoded { rows: Box::new(rows), region: Region::at_scale(crop, scale), profile })
}

/// The smallest of [`SCALES`] at which `from` is still [`GAP`] times as large as `to`, or 8.
pub(super) fn scale(from: Size, to: Size) -> u8 {
    let enough = |n: u8, from: u32, to: u32| {
        u64::from(n) * u64::from(from) * GAP.1 >= 8 * u64::from(to) * GAP.0
    };
    let is_enough = |&n: &u8| enough(n, from.width, to.width) && enough(n, from.height, to.height);
    SCALES.into_iter().find(is_enough).unwrap_or(8)
}

type Started<R> = DecompressStarted<Endless<Scans<Source<R>>>>;

struct Opened<R> {
    jpeg: Started<R>,
    channels: Channels,
    ink: Ink,
    profile: Option<Vec<u8>>,
}

fn open<R: Read>(source: Source<R>, scale: u8) -> io::Result<Opened<R>> {
    let mut header = Decompress::with_markers(&[PROFILE, ADOBE])
        .with_err(error_manager())
        .from_reader(Endless(Scans::at_scale(source, scale)))?;
    header.scale(scale);
    // It guesses at coefficients that are missing, and some are meant to be.
    header.do_block_smoothing(false);
    let (channels, target) = match header.color_space() {
        ColorSpace::JCS_GRAYSCALE => (Channels::Grey, ColorSpace::JCS_GRAYSCALE),
        ColorSpace::JCS_CMYK | ColorSpace::JCS_YCCK => (Channels::Cmyk, ColorSpace::JCS_CMYK),
        _ => (Channels::Rgb, ColorSpace::JCS_RGB),
    };
    let segments = |marker| {
        header.markers().filter(move |found| found.marker == marker).map(|found| found.data)
    };
    let profile = icc::assemble(segments(PROFILE));
    let is_adobe = segments(ADOBE).any(|segment| segment.starts_with(b"Adobe"));
    let ink = if channels == Channels::Cmyk && is_adobe { Ink::Inverted } else { Ink::Plain };
    Ok(Opened { jpeg: header.to_colorspace(target)?, channels, ink, profile })
}

const PROFILE: Marker = Marker::APP(2);
const ADOBE: Marker = Marker::APP(14);

/// How the inks of a CMYK picture are stored.
#[derive(Clone, Copy, PartialEq)]
enum Ink {
    /// 255 is the full ink, as the standard has it.
    Plain,
    /// 255 is no ink, as Adobe writes it.
    Inverted,
}

struct Jpeg<R> {
    /// `None` once the last row was read.
    jpeg: Option<Started<R>>,
    channels: Channels,
    ink: Ink,
    size: Size,
    rows_left: u32,
    blame: Blame,
}

impl<R: Read> Rows for Jpeg<R> {
    fn size(&self) -> Size {
        self.size
    }

    fn layout(&self) -> Layout {
        self.channels.eight()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let rows = u32::try_from(out.len() / self.stride()).map_err(RenderError::corrupt)?;
        if rows == 0 {
            return Ok(());
        }
        self.rows_left = self.rows_left.saturating_sub(rows);
        let Some(mut jpeg) = self.jpeg.take() else {
            return Err(RenderError::corrupt("more rows were read than there are"));
        };
        let is_last = self.rows_left == 0;
        let result = guard(|| {
            jpeg.read_scanlines_into(&mut *out)?;
            // The end is read too, so that a picture without one is known for what it is.
            if is_last { jpeg.finish().map(|()| None) } else { Ok(Some(jpeg)) }
        });
        self.jpeg = result
            .map_err(|error| self.blame.reader_or_picture(error))?
            .map_err(|error: io::Error| self.blame.reader_or_picture(error))?;
        if self.ink == Ink::Inverted {
            out.iter_mut().for_each(|level| *level = !*level);
        }
        Ok(())
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
    fn the_scale_leaves_enough_of_a_gap_and_no_more_than_it_must() {
        let cases = [
            // stored, target, n of n/8
            ((4000, 3000), (300, 225), 1),
            ((4000, 3000), (334, 250), 2), // 500 px are not 3/2 of 334
            ((4000, 3000), (333, 250), 1),
            ((4000, 3000), (800, 600), 3),
            ((4000, 3000), (1000, 750), 3),
            ((4000, 3000), (1001, 751), 4),
            ((4000, 3000), (1440, 1080), 8),
            ((4000, 100), (300, 13), 2), // the shorter side decides as well
            ((4000, 3000), (4000, 3000), 8),
            ((1, 1), (1, 1), 8),
        ];
        for ((sw, sh), (w, h), n) in cases {
            assert_eq!(scale(Size::new(sw, sh), Size::new(w, h)), n, "{sw}×{sh} to {w}×{h}");
        }
    }
}
