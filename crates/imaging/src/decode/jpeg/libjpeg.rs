//! JPEG decoded by libjpeg (mozjpeg): progressive pictures, CMYK, and all others that `baseline_jpeg` does not decode.
//!
//! Its transforms at 1/8, 2/8, 4/8 and 8/8 have SIMD code. The one at 3/8 is C, which is fast enough.

use std::io::{self, BufRead};

use baseline_jpeg::{Scale, icc};
use mozjpeg::decompress::DecompressStarted;
use mozjpeg::{ColorSpace, Decompress, Marker};

use super::Decoded;
use super::scan_filter::{DroppedEnd, ScanChoice, ScanFilter};
use crate::colour::ColourProfile;
use crate::damage::DamageLog;
use crate::ffi::libjpeg::{LibjpegDamage, LibjpegError, catch_libjpeg_error, error_manager, tolerate_damage};
use crate::geometry::Rect;
use crate::raster::{Channels, PixelFormat, Region, Rows};
use crate::{Corruption, Rejection, RenderError, Size};

pub(super) fn decode<'a, B: BufRead + 'a>(
    source: B,
    crop: Rect,
    scale: Scale,
    may_have_more_scans: bool,
    may_drop_scans: bool,
    log: DamageLog,
) -> Result<Decoded<'a>, RenderError> {
    let scale = scale.eighths();
    let choice = if scale == 1 && may_drop_scans { ScanChoice::MeansOnly } else { ScanChoice::All };
    let dropped_end = DroppedEnd::default();
    let source = ScanFilter::new(source, choice, dropped_end.clone());
    // If there are several scans, libjpeg reads all of them here.
    let mut calls = TolerantCalls { log, damage: None };
    let opened = calls.call(|| open(source, scale));
    if choice == ScanChoice::MeansOnly && calls.damage.is_some() {
        // How much is missing is only known once all scans are decoded.
        return Err(RenderError::JpegEndUnknown);
    }
    let Opened { jpeg, channels, profile } = opened.map_err(|error| match error {
        RenderError::Rejected(_) if dropped_end.is_set() => RenderError::JpegEndUnknown,
        error => error,
    })?;
    let side = |side: usize| u32::try_from(side).map_err(RenderError::corrupt);
    let size = Size::new(side(jpeg.width())?, side(jpeg.height())?);
    let rows_left = size.height;
    let rows = LibjpegRows { jpeg: Some(jpeg), channels, size, rows_left, may_have_more_scans, calls };
    Ok(Decoded::packed(Box::new(rows), Region::at_scale(crop, scale), ColourProfile::icc(profile)))
}

type Started<B> = DecompressStarted<ScanFilter<B>>;

struct Opened<B> {
    jpeg: Started<B>,
    channels: Channels,
    profile: Option<Vec<u8>>,
}

fn open<B: BufRead>(source: ScanFilter<B>, scale: u8) -> io::Result<Opened<B>> {
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
    calls: TolerantCalls,
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
        let (is_last, may_have_more_scans) = (self.rows_left == 0, self.may_have_more_scans);
        self.jpeg = self.calls.call(|| {
            jpeg.read_scanlines_into(&mut *out)?;
            match (is_last, may_have_more_scans) {
                (false, _) => Ok(Some(jpeg)),
                (true, false) => Ok(None),
                // Without an EOI marker, scans may be missing.
                (true, true) => jpeg.finish().map(|()| None),
            }
        })?;
        // Adobe's software stores CMYK inverted: 255 is no ink. Browsers take all CMYK for that, with Adobe's segment or
        // without it.
        if self.channels == Channels::Cmyk {
            out.iter_mut().for_each(|level| *level = !*level);
        }
        Ok(())
    }
}

/// Calls libjpeg, and rejects the picture or notes its damage.
struct TolerantCalls {
    log: DamageLog,
    /// What is damaged so far.
    damage: Option<LibjpegDamage>,
}

impl TolerantCalls {
    fn call<T>(&mut self, calls: impl FnOnce() -> io::Result<T>) -> Result<T, RenderError> {
        let log = &self.log;
        let before = self.damage;
        let result =
            if log.renders_damaged() { tolerate_damage(&mut self.damage, calls) } else { catch_libjpeg_error(calls) };
        // The reader's error takes precedence over what libjpeg makes of it.
        if let Some(error) = log.take_read_error() {
            return Err(RenderError::Read(error));
        }
        let result = result.map_err(|error| match error {
            LibjpegError::Damaged(damage) => RenderError::from(Rejection::Corrupt(self.corruption(damage))),
            error => error.into(),
        })?;
        // mozjpeg reports only the end of the file, before the first marker.
        let result = result.map_err(|_| Rejection::Corrupt(log.file_ends()))?;
        if let Some(damage) = self.damage.filter(|_| self.damage != before) {
            log.accept(self.corruption(damage))?;
        }
        Ok(result)
    }

    fn corruption(&self, damage: LibjpegDamage) -> Corruption {
        let LibjpegDamage { clause, lacks_data, before, missing, total, .. } = damage;
        let is_truncated = lacks_data && self.log.is_at_file_end();
        let corruption = if is_truncated { self.log.file_ends() } else { Corruption::new(clause) };
        let decoded = if self.log.renders_damaged() { total.saturating_sub(missing) } else { before };
        corruption.after(if before == 0 { 0 } else { decoded }, total)
    }
}
