//! JPEG decoded by libjpeg (mozjpeg): progressive pictures, CMYK, and all others that `baseline_jpeg` does not decode.
//!
//! Its transforms at 1/8, 2/8, 4/8 and 8/8 have SIMD code. The one at 3/8 is C, which is fast enough.

use std::io::{self, BufRead, Read};

use baseline_jpeg::{Scale, icc};
use mozjpeg::decompress::DecompressStarted;
use mozjpeg::{ColorSpace, Decompress, Marker};

use super::Decoded;
use super::scan_filter::{DroppedEnd, ScanChoice, ScanFilter};
use crate::colour::ColourProfile;
use crate::ffi::libjpeg::{catch_libjpeg_error, error_manager};
use crate::geometry::Rect;
use crate::raster::{Channels, PixelFormat, Region, Rows};
use crate::stashed_io_error::StashedIoError;
use crate::{RenderError, Size};

pub(super) fn decode<'a, B: BufRead + 'a>(
    source: B,
    crop: Rect,
    scale: Scale,
    may_have_more_scans: bool,
    may_drop_scans: bool,
    stashed_error: StashedIoError,
) -> Result<Decoded<'a>, RenderError> {
    let scale = scale.eighths();
    let choice = if scale == 1 && may_drop_scans { ScanChoice::MeansOnly } else { ScanChoice::All };
    let dropped_end = DroppedEnd::default();
    let source = FailAtEnd(ScanFilter::new(source, choice, dropped_end.clone()));
    // If there are several scans, libjpeg reads all of them here.
    let opened = catch_libjpeg_error(|| open(source, scale))
        .map_err(|error| stashed_error.read_error_or(error.into()))
        .and_then(|opened| opened.map_err(|error| stashed_error.read_error_or_corrupt(error)));
    let Opened { jpeg, channels, profile } = opened.map_err(|error| match error {
        RenderError::Rejected(_) if dropped_end.is_set() => RenderError::JpegEndUnknown,
        error => error,
    })?;
    let side = |side: usize| u32::try_from(side).map_err(RenderError::corrupt);
    let size = Size::new(side(jpeg.width())?, side(jpeg.height())?);
    let rows_left = size.height;
    let rows = LibjpegRows { jpeg: Some(jpeg), channels, size, rows_left, may_have_more_scans, stashed_error };
    Ok(Decoded::packed(Box::new(rows), Region::at_scale(crop, scale), ColourProfile::icc(profile)))
}

type Started<B> = DecompressStarted<FailAtEnd<ScanFilter<B>>>;

struct Opened<B> {
    jpeg: Started<B>,
    channels: Channels,
    profile: Option<Vec<u8>>,
}

fn open<B: BufRead>(source: FailAtEnd<ScanFilter<B>>, scale: u8) -> io::Result<Opened<B>> {
    let mut header = Decompress::with_markers(&[PROFILE]).with_err(error_manager()).from_reader(source)?;
    header.scale(scale);
    // Smoothing guesses at coefficients that a progressive picture does not have, as in browsers. At 1/8, coefficients
    // may be left out that need no guess.
    header.do_block_smoothing(scale > 1);
    let (channels, target) = match header.color_space() {
        ColorSpace::JCS_GRAYSCALE => (Channels::Grey, ColorSpace::JCS_GRAYSCALE),
        ColorSpace::JCS_CMYK | ColorSpace::JCS_YCCK => (Channels::Cmyk, ColorSpace::JCS_CMYK),
        _ => (Channels::Rgb, ColorSpace::JCS_RGB),
    };
    let segments = |marker| header.markers().filter(move |found| found.marker == marker).map(|found| found.data);
    let profile = icc::assemble(segments(PROFILE));
    Ok(Opened { jpeg: header.to_colorspace(target)?, channels, profile })
}

const PROFILE: Marker = Marker::APP(2);

/// The rows that libjpeg decodes.
struct LibjpegRows<B> {
    /// `None` after the last row.
    jpeg: Option<Started<B>>,
    channels: Channels,
    size: Size,
    rows_left: u32,
    /// Whether scans may follow that libjpeg has not read when it returns the last row.
    may_have_more_scans: bool,
    stashed_error: StashedIoError,
}

impl<B: BufRead> Rows for LibjpegRows<B> {
    fn size(&self) -> Size {
        self.size
    }

    fn pixel_format(&self) -> PixelFormat {
        self.channels.eight_bit()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let rows = u32::try_from(out.len() / self.stride()).map_err(RenderError::corrupt)?;
        if rows == 0 {
            return Ok(());
        }
        self.rows_left = self.rows_left.saturating_sub(rows);
        // Taken out, because it is dropped after an error: it must not be used again.
        let Some(mut jpeg) = self.jpeg.take() else {
            return Err(RenderError::corrupt("more rows were read than there are"));
        };
        let is_last = self.rows_left == 0;
        let result = catch_libjpeg_error(|| {
            jpeg.read_scanlines_into(&mut *out)?;
            match (is_last, self.may_have_more_scans) {
                (false, _) => Ok(Some(jpeg)),
                (true, false) => Ok(None),
                // Without an EOI marker, scans may be missing.
                (true, true) => jpeg.finish().map(|()| None),
            }
        });
        self.jpeg = result
            .map_err(|error| self.stashed_error.read_error_or(error.into()))?
            .map_err(|error: io::Error| self.stashed_error.read_error_or_corrupt(error))?;
        // Adobe's software stores CMYK inverted: 255 is no ink. Browsers take all CMYK for that, with Adobe's segment or
        // without it.
        if self.channels == Channels::Cmyk {
            out.iter_mut().for_each(|level| *level = !*level);
        }
        Ok(())
    }
}

/// A reader that fails at the end of the source. At a plain end, libjpeg would insert an EOI marker, and fill the
/// missing rows with grey.
struct FailAtEnd<B>(B);

impl<B: BufRead> BufRead for FailAtEnd<B> {
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

impl<B: Read> Read for FailAtEnd<B> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.0.read(out)
    }
}
