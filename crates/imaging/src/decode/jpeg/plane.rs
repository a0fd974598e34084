//! The rows of one component, as they come out of the blocks and go into the resize.

use std::io::BufRead;
use std::rc::Rc;

use super::sequential::Shared;
use crate::raster::{Channels, PixelFormat, Rows};
use crate::source::Blame;
use crate::{RenderError, Size};

/// Rows that are decoded and not yet handed out.
pub(super) struct Plane {
    /// What of each row is handed out.
    pub(super) size: Size,
    /// Bytes of a row: whole MCUs.
    stride: usize,
    bytes: Vec<u8>,
    /// Bytes that were handed out.
    start: usize,
}

impl Plane {
    pub(super) fn of(size: Size, stride: usize) -> Self {
        Plane { size, stride, bytes: Vec::new(), start: 0 }
    }

    /// Appends so many rows for a row of MCUs to be decoded to.
    pub(super) fn grow(&mut self, rows: usize) {
        self.bytes.drain(..self.start);
        self.start = 0;
        self.bytes.resize(self.bytes.len() + rows * self.stride, 0);
    }

    /// The last rows, and the bytes of each.
    #[inline(always)]
    pub(super) fn last_rows(&mut self, rows: usize) -> (&mut [u8], usize) {
        let from = self.bytes.len() - rows * self.stride;
        (&mut self.bytes[from..], self.stride)
    }

    /// Moves as many rows as there are to `out`, and tells how many bytes these are of it.
    fn hand_out(&mut self, out: &mut [u8]) -> usize {
        let width = self.size.width as usize;
        let ready = self.bytes[self.start..].chunks_exact(self.stride);
        let mut rows = 0;
        for (out, row) in out.chunks_exact_mut(width).zip(ready) {
            out.copy_from_slice(&row[..width]);
            rows += 1;
        }
        self.start += rows * self.stride;
        rows * width
    }
}

/// One component's rows of a picture that several share.
pub(super) struct PlaneRows<B> {
    picture: Shared<B>,
    component: usize,
    size: Size,
    blame: Blame,
}

impl<B: BufRead> PlaneRows<B> {
    pub(super) fn of(picture: &Shared<B>, component: usize, blame: Blame) -> Self {
        let size = picture.borrow_mut().plane(component).size;
        PlaneRows { picture: Rc::clone(picture), component, size, blame }
    }
}

impl<B: BufRead> Rows for PlaneRows<B> {
    fn size(&self) -> Size {
        self.size
    }

    fn pixel_format(&self) -> PixelFormat {
        Channels::Grey.eight_bit()
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        let mut picture = self.picture.borrow_mut();
        let mut done = picture.plane(self.component).hand_out(out);
        while done < out.len() {
            picture.decode_row().map_err(|error| self.blame.reader_or_picture(error))?;
            done += picture.plane(self.component).hand_out(&mut out[done..]);
        }
        Ok(())
    }
}
