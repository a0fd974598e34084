//! The vertical pass: changes the number of rows. It keeps only the columns that the horizontal pass reads.

use std::ops::Range;

use resample::{Crop, Resampler};

use super::filter_window::FilterWindow;
use super::strip::{pixel_slice, resample_failed, strip_bytes};
use crate::raster::{PixelFormat, Region, Rows};
use crate::{RenderError, Size};

/// Bytes of the strip in addition to the rows that one output row needs. Those are always kept.
const EXTRA_STRIP_BYTES: usize = 1 << 20;

/// Resizes the region to the height of `size`.
///
/// Returns the rows, and where the region begins in them, in columns.
pub(super) fn resize_height<'a>(rows: Box<dyn Rows + 'a>, region: Region, size: Size) -> (Box<dyn Rows + 'a>, f64) {
    let (source, pixel_format) = (rows.size(), rows.pixel_format());
    let columns = FilterWindow::new(region.left, region.width, size.width, source.width).all_source_rows();
    let window = FilterWindow::new(region.top, region.height, size.height, source.height);

    let stride = rows.stride();
    // A strip that holds only the rows of one output row would be moved for every output row. Half as many rows
    // again, or more if rows are short, make that rare.
    let min_rows = window.max_source_rows();
    let extra_rows = (strip_bytes(EXTRA_STRIP_BYTES, pixel_format) / stride).max(min_rows / 2);
    let resized = VerticalRows {
        size: Size::new(columns.end - columns.start, size.height),
        first_column: columns.start,
        strip: vec![0; stride * (min_rows + extra_rows).min(source.height as usize)],
        strip_rows: 0..0,
        window,
        next_row: 0,
        pixel_format,
        resampler: Resampler::default(),
        rows,
    };
    (Box::new(resized), region.left - f64::from(columns.start))
}

struct VerticalRows<'a> {
    rows: Box<dyn Rows + 'a>,
    size: Size,
    pixel_format: PixelFormat,
    first_column: u32,
    window: FilterWindow,
    /// The next output row.
    next_row: u32,
    /// Source rows. Those in `strip_rows` stand at its beginning.
    strip: Vec<u8>,
    strip_rows: Range<u32>,
    resampler: Resampler,
}

impl VerticalRows<'_> {
    /// Reads source rows until the strip holds all of `wanted`. `wanted` never begins before the strip.
    fn fill_strip(&mut self, wanted: Range<u32>) -> Result<(), RenderError> {
        let stride = self.rows.stride();
        if wanted.end <= self.strip_rows.end {
            return Ok(());
        }
        // Rows above the region are read and dropped.
        while self.strip_rows.end < wanted.start {
            let rows = (wanted.start - self.strip_rows.end).min(self.strip_capacity());
            self.rows.read(&mut self.strip[..rows as usize * stride])?;
            self.strip_rows = self.strip_rows.end + rows..self.strip_rows.end + rows;
        }
        let kept = wanted.start.max(self.strip_rows.start)..self.strip_rows.end;
        let kept_start = (kept.start - self.strip_rows.start) as usize * stride;
        let kept_len = kept.len() * stride;
        self.strip.copy_within(kept_start..kept_start + kept_len, 0);
        // The strip is filled completely, so that rows are seldom moved.
        let end = (kept.start + self.strip_capacity()).min(self.window.all_source_rows().end);
        let read_len = (end - kept.end) as usize * stride;
        self.rows.read(&mut self.strip[kept_len..kept_len + read_len])?;
        self.strip_rows = kept.start..end;
        Ok(())
    }

    /// The number of rows that fit into the strip.
    fn strip_capacity(&self) -> u32 {
        u32::try_from(self.strip.len() / self.rows.stride()).unwrap_or(u32::MAX)
    }

    /// The number of output rows, at most `wanted`, that can be made of the rows in the strip.
    fn ready_rows(&self, wanted: u32) -> u32 {
        let is_ready = |&count: &u32| self.window.source_rows(self.next_row, count).end <= self.strip_rows.end;
        (1..=wanted).take_while(is_ready).last().unwrap_or(1)
    }

    fn resample_rows(&mut self, count: u32, out: &mut [u8]) -> Result<(), RenderError> {
        let strip_height = u32::try_from(self.strip_rows.len()).map_err(resample_failed)?;
        let top = self.window.start_of(self.next_row) - f64::from(self.strip_rows.start);
        // The sum of rounded fractions may be a little more than the strip holds.
        let height = (self.window.scale() * f64::from(count)).min(f64::from(strip_height) - top);
        let crop = Crop { left: self.first_column.into(), top, width: self.size.width.into(), height };
        let strip_size = Size::new(self.rows.size().width, strip_height);
        let strip = pixel_slice(self.pixel_format, strip_size, &mut self.strip);
        let out = pixel_slice(self.pixel_format, Size::new(self.size.width, count), out);
        self.resampler.resize(strip, crop, out).map_err(resample_failed)?;
        self.next_row += count;
        Ok(())
    }
}

impl Rows for VerticalRows<'_> {
    fn size(&self) -> Size {
        self.size
    }

    fn pixel_format(&self) -> PixelFormat {
        self.pixel_format
    }

    fn read(&mut self, mut out: &mut [u8]) -> Result<(), RenderError> {
        let stride = self.stride();
        while !out.is_empty() {
            self.fill_strip(self.window.source_rows(self.next_row, 1))?;
            let count = self.ready_rows(u32::try_from(out.len() / stride).unwrap_or(u32::MAX));
            let (now, later) = out.split_at_mut(count as usize * stride);
            self.resample_rows(count, now)?;
            out = later;
        }
        Ok(())
    }
}
