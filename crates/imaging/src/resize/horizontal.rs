//! The horizontal pass: changes the width of every row.

use resample::{Crop, Resampler};

use super::strip::{pixel_slice, resample_failed, strip_bytes};
use crate::raster::{PixelFormat, Rows};
use crate::{RenderError, Size};

/// Bytes of the rows that are resampled at a time. The weights are computed again for every strip; with strips of this
/// size, that takes no measurable time.
const STRIP_BYTES: usize = 3 << 19;

/// Resizes the `span` columns after `left` to `width`.
pub(super) fn resize_width<'a>(rows: Box<dyn Rows + 'a>, left: f64, span: f64, width: u32) -> Box<dyn Rows + 'a> {
    let source = rows.size();
    if left == 0.0 && span == f64::from(width) && source.width == width {
        return rows;
    }
    let pixel_format = rows.pixel_format();
    let strip_rows = (strip_bytes(STRIP_BYTES, pixel_format) / rows.stride()).clamp(1, source.height as usize);
    Box::new(HorizontalRows {
        left,
        span,
        size: Size::new(width, source.height),
        pixel_format,
        strip: vec![0; strip_rows * rows.stride()],
        resized: Vec::new(),
        resized_read: 0,
        rows_left: source.height,
        resampler: Resampler::default(),
        rows,
    })
}

struct HorizontalRows<'a> {
    rows: Box<dyn Rows + 'a>,
    left: f64,
    span: f64,
    size: Size,
    pixel_format: PixelFormat,
    /// Source rows.
    strip: Vec<u8>,
    /// The strip after resampling. The first `resized_read` bytes were handed out.
    resized: Vec<u8>,
    resized_read: usize,
    rows_left: u32,
    resampler: Resampler,
}

impl HorizontalRows<'_> {
    fn resample_rows(&mut self, rows: usize) -> Result<(), RenderError> {
        let strip = &mut self.strip[..rows * self.rows.stride()];
        self.rows.read(strip)?;
        let height = u32::try_from(rows).map_err(resample_failed)?;
        let stride = self.stride();
        self.resized.resize(rows * stride, 0);
        self.resized_read = 0;
        self.rows_left -= height;

        let source_width = self.rows.size().width;
        // The sum of rounded fractions may be a little more than the row holds.
        let width = self.span.min(f64::from(source_width) - self.left);
        let crop = Crop { left: self.left, top: 0.0, width, height: height.into() };
        let strip = &mut self.strip[..rows * self.rows.stride()];
        let strip = pixel_slice(self.pixel_format, Size::new(source_width, height), strip);
        let resized_size = Size::new(self.size.width, height);
        let resized = pixel_slice(self.pixel_format, resized_size, &mut self.resized);
        self.resampler.resize(strip, crop, resized).map_err(resample_failed)
    }
}

impl Rows for HorizontalRows<'_> {
    fn size(&self) -> Size {
        self.size
    }

    fn pixel_format(&self) -> PixelFormat {
        self.pixel_format
    }

    fn read(&mut self, mut out: &mut [u8]) -> Result<(), RenderError> {
        while !out.is_empty() {
            if self.resized_read == self.resized.len() {
                let rows = self.strip.len() / self.rows.stride();
                self.resample_rows(rows.min(self.rows_left as usize))?;
            }
            let len = out.len().min(self.resized.len() - self.resized_read);
            let (now, later) = out.split_at_mut(len);
            now.copy_from_slice(&self.resized[self.resized_read..][..len]);
            self.resized_read += len;
            out = later;
        }
        Ok(())
    }
}
