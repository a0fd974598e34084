//! The rows of one component between the transform, which appends rows of blocks, and the reader, who takes rows of
//! pixels.

use crate::frame::Size;

/// Rows of a component that are decoded and not read yet.
pub(crate) struct Plane {
    /// The size of what is read.
    pub(crate) size: Size,
    /// Bytes of a row: those of whole MCUs, which may be more than the size's width.
    stride: usize,
    bytes: Vec<u8>,
    /// Bytes of rows that were read.
    start: usize,
}

impl Plane {
    pub(crate) fn new(size: Size, stride: usize) -> Self {
        Plane { size, stride, bytes: Vec::new(), start: 0 }
    }

    /// Drops the rows that were read, and appends empty rows for a row of MCUs.
    pub(crate) fn append_rows(&mut self, rows: usize) {
        self.bytes.drain(..self.start);
        self.start = 0;
        self.bytes.resize(self.bytes.len() + rows * self.stride, 0);
    }

    /// The last rows, and the number of bytes from one row to the next.
    #[inline(always)]
    pub(crate) fn last_rows(&mut self, rows: usize) -> (&mut [u8], usize) {
        let from = self.bytes.len() - rows * self.stride;
        (&mut self.bytes[from..], self.stride)
    }

    /// Moves decoded rows to `out`, and returns how many bytes of it they fill.
    pub(crate) fn read_rows(&mut self, out: &mut [u8]) -> usize {
        let width = self.size.width as usize;
        let decoded = self.bytes[self.start..].chunks_exact(self.stride);
        let mut rows = 0;
        for (out, row) in out.chunks_exact_mut(width).zip(decoded) {
            out.copy_from_slice(&row[..width]);
            rows += 1;
        }
        self.start += rows * self.stride;
        rows * width
    }
}
