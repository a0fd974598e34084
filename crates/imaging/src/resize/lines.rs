//! The pass over the lines: as many rows as the rendition has, each of its region's columns only.

use resample::{Crop, LOBES, Resampler};

use super::{failed, pixels, share_of};
use crate::raster::{PixelFormat, Region, Rows};
use crate::{RenderError, Size};

/// Bytes of the strip beyond the rows that one line needs, which are kept whatever they take.
const SLACK_BYTES: usize = 1 << 20;

/// Rows of the region's columns, and where in them the region begins.
pub(super) fn resize<'a>(
    rows: Box<dyn Rows + 'a>,
    region: Region,
    size: Size,
) -> (Box<dyn Rows + 'a>, f64) {
    let (source, pixel_format) = (rows.size(), rows.pixel_format());
    let columns = Window::of(region.left, region.width, size.width, source.width).all();
    let window = Window::of(region.top, region.height, size.height, source.height);

    let stride = rows.stride();
    let least = window.longest();
    let slack = (share_of(SLACK_BYTES, pixel_format) / stride).max(least / 2);
    let lines = Lines {
        size: Size::new(columns.end - columns.start, size.height),
        columns: columns.start,
        strip: vec![0; stride * (least + slack).min(source.height as usize)],
        held: 0..0,
        window,
        next_line: 0,
        pixel_format,
        resampler: Resampler::default(),
        rows,
    };
    (Box::new(lines), region.left - f64::from(columns.start))
}

struct Lines<'a> {
    rows: Box<dyn Rows + 'a>,
    size: Size,
    pixel_format: PixelFormat,
    /// The first column that is kept.
    columns: u32,
    window: Window,
    next_line: u32,
    /// The rows of the source that are `held`, from the strip's beginning.
    strip: Vec<u8>,
    held: std::ops::Range<u32>,
    resampler: Resampler,
}

impl Lines<'_> {
    /// Makes the strip hold all rows of `span`, which never lies before what it holds.
    fn hold(&mut self, span: std::ops::Range<u32>) -> Result<(), RenderError> {
        let stride = self.rows.stride();
        if span.end <= self.held.end {
            return Ok(());
        }
        // Rows that nobody asks for, above the region.
        while self.held.end < span.start {
            let rows = (span.start - self.held.end).min(self.capacity());
            self.rows.read(&mut self.strip[..rows as usize * stride])?;
            self.held = self.held.end + rows..self.held.end + rows;
        }
        let kept = span.start.max(self.held.start)..self.held.end;
        let from = (kept.start - self.held.start) as usize * stride;
        let len = kept.len() * stride;
        self.strip.copy_within(from..from + len, 0);
        // As much as there is room for, so that this is rarely done.
        let end = (kept.start + self.capacity()).min(self.window.all().end);
        let read = (end - kept.end) as usize * stride;
        self.rows.read(&mut self.strip[len..len + read])?;
        self.held = kept.start..end;
        Ok(())
    }

    /// Rows that the strip has room for.
    fn capacity(&self) -> u32 {
        u32::try_from(self.strip.len() / self.rows.stride()).unwrap_or(u32::MAX)
    }

    /// How many lines, `wanted` at the most, can be made of the rows held.
    fn ready(&self, wanted: u32) -> u32 {
        let is_ready = |&lines: &u32| self.window.span(self.next_line, lines).end <= self.held.end;
        (1..=wanted).take_while(is_ready).last().unwrap_or(1)
    }
}

impl Rows for Lines<'_> {
    fn size(&self) -> Size {
        self.size
    }

    fn pixel_format(&self) -> PixelFormat {
        self.pixel_format
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let stride = self.stride();
        let mut out = out;
        while !out.is_empty() {
            self.hold(self.window.span(self.next_line, 1))?;
            let lines = self.ready(u32::try_from(out.len() / stride).unwrap_or(u32::MAX));
            let (made, rest) = out.split_at_mut(lines as usize * stride);

            let held = u32::try_from(self.held.len()).map_err(failed)?;
            let top = self.window.start_of(self.next_line) - f64::from(self.held.start);
            // Sums of fractions may miss the last row by a hair.
            let height = (self.window.scale * f64::from(lines)).min(f64::from(held) - top);
            let (left, width) = (self.columns.into(), self.size.width.into());
            let strip =
                pixels(self.pixel_format, Size::new(self.rows.size().width, held), &mut self.strip);
            let made = pixels(self.pixel_format, Size::new(self.size.width, lines), made);
            let crop = Crop { left, top, width, height };
            self.resampler.resize(strip, crop, made).map_err(failed)?;
            self.next_line += lines;
            out = rest;
        }
        Ok(())
    }
}

/// Which rows (or columns) of a source each line of a rendition is made of.
pub(super) struct Window {
    start: f64,
    /// Source rows to a line; at least 1.
    scale: f64,
    source_len: u32,
    len: u32,
}

impl Window {
    pub(super) fn of(start: f64, source_span: f64, len: u32, source_len: u32) -> Self {
        Window { start, scale: source_span / f64::from(len), source_len, len }
    }

    /// Where a line begins, before its weights reach out.
    fn start_of(&self, line: u32) -> f64 {
        self.start + f64::from(line) * self.scale
    }

    /// The rows that `lines` lines from `first` are made of, and one more at either end lest a
    /// rounded sum miss it.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // `as` saturates, as it is to
    fn span(&self, first: u32, lines: u32) -> std::ops::Range<u32> {
        let reach = LOBES * self.scale.max(1.0) + 1.0;
        let start = self.start_of(first) + self.scale / 2.0 - reach;
        let end = self.start_of(first + lines) - self.scale / 2.0 + reach;
        start.floor() as u32..(end.ceil() as u32).min(self.source_len)
    }

    /// The rows that all lines are made of.
    pub(super) fn all(&self) -> std::ops::Range<u32> {
        self.span(0, self.len)
    }

    /// At least as many rows as any one line is made of.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    fn longest(&self) -> usize {
        (2.0 * (LOBES * self.scale.max(1.0) + 1.0)).ceil() as usize + 2
    }
}
