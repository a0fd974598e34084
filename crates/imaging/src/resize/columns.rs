//! The pass over the columns: each row brought to the rendition's width.

use resample::{Crop, Resampler};

use super::{failed, pixels, share_of};
use crate::raster::{PixelFormat, Rows};
use crate::{RenderError, Size};

/// Bytes of rows that are taken at a time: enough that computing the weights again does not show.
const STRIP_BYTES: usize = 3 << 19;

/// Rows of the `span` columns from `left`, brought to `width`.
pub(super) fn resize<'a>(
    rows: Box<dyn Rows + 'a>,
    left: f64,
    span: f64,
    width: u32,
) -> Box<dyn Rows + 'a> {
    let source = rows.size();
    if left == 0.0 && span == f64::from(width) && source.width == width {
        return rows;
    }
    let size = Size::new(width, source.height);
    let strip_rows = (share_of(STRIP_BYTES, rows.pixel_format()) / rows.stride())
        .clamp(1, source.height as usize);
    let strip = vec![0; strip_rows * rows.stride()];
    let pixel_format = rows.pixel_format();
    let (made, at, resampler) = (Vec::new(), 0, Resampler::default());
    let rows_left = size.height;
    Box::new(Columns {
        rows,
        left,
        span,
        size,
        pixel_format,
        strip,
        made,
        at,
        rows_left,
        resampler,
    })
}

struct Columns<'a> {
    rows: Box<dyn Rows + 'a>,
    left: f64,
    span: f64,
    size: Size,
    pixel_format: PixelFormat,
    strip: Vec<u8>,
    /// Rows that are done; those before `at` were handed out.
    made: Vec<u8>,
    at: usize,
    rows_left: u32,
    resampler: Resampler,
}

impl Columns<'_> {
    fn make_rows(&mut self, rows: usize) -> Result<(), RenderError> {
        let strip = &mut self.strip[..rows * self.rows.stride()];
        self.rows.read(strip)?;
        let stride = self.size.width as usize * self.pixel_format.pixel_bytes();
        let height = u32::try_from(rows).map_err(failed)?;
        self.made.resize(rows * stride, 0);
        self.at = 0;
        self.rows_left -= height;

        let width = self.rows.size().width;
        let span = self.span.min(f64::from(width) - self.left);
        let crop = Crop { left: self.left, top: 0.0, width: span, height: height.into() };
        let strip = pixels(self.pixel_format, Size::new(width, height), strip);
        let made = pixels(self.pixel_format, Size::new(self.size.width, height), &mut self.made);
        self.resampler.resize(strip, crop, made).map_err(failed)
    }
}

impl Rows for Columns<'_> {
    fn size(&self) -> Size {
        self.size
    }

    fn pixel_format(&self) -> PixelFormat {
        self.pixel_format
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let mut out = out;
        while !out.is_empty() {
            if self.at == self.made.len() {
                let rows = self.strip.len() / self.rows.stride();
                self.make_rows(rows.min(self.rows_left as usize))?;
            }
            let len = out.len().min(self.made.len() - self.at);
            let (now, later) = out.split_at_mut(len);
            now.copy_from_slice(&self.made[self.at..][..len]);
            self.at += len;
            out = later;
        }
        Ok(())
    }
}
