//! Pixels on their way: rows from top to bottom, pulled by whoever comes next.
//!
//! Every step of a rendering is a [`Rows`] over the step before. A decoder that can't hand out rows
//! decodes its [`Frame`] whole and hands out its rows: those after it need not know.

use crate::{RenderError, Size};

/// A picture, or what a step has made of one, read from top to bottom.
pub(crate) trait Rows {
    /// The size as it is at this step, which is as stored until the picture was oriented.
    fn size(&self) -> Size;

    /// What a pixel is made of.
    fn layout(&self) -> Layout;

    /// Fills `out`, a whole number of rows without gaps, with the next ones.
    ///
    /// Reading past the last row is a mistake of the caller's.
    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError>;

    /// Bytes of a row.
    fn stride(&self) -> usize {
        self.size().width as usize * self.layout().pixel_bytes()
    }
}

/// What a pixel is made of; sRGB, alpha not premultiplied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Red, green, blue; 8 bits each.
    Rgb8,
    /// Red, green, blue, alpha; 8 bits each.
    Rgba8,
}

impl Layout {
    pub(crate) fn pixel_bytes(self) -> usize {
        match self {
            Layout::Rgb8 => 3,
            Layout::Rgba8 => 4,
        }
    }
}

/// A picture held whole, handed out row by row.
pub(crate) struct Frame {
    pub(crate) size: Size,
    pub(crate) layout: Layout,
    pub(crate) bytes: Vec<u8>,
    handed_out: usize,
}

impl Frame {
    pub(crate) fn new(size: Size, layout: Layout, bytes: Vec<u8>) -> Self {
        debug_assert_eq!(bytes.len() as u64, size.pixels() * layout.pixel_bytes() as u64);
        Frame { size, layout, bytes, handed_out: 0 }
    }

    /// Whatever is left of `rows`, held whole.
    pub(crate) fn collect(rows: &mut dyn Rows) -> Result<Self, RenderError> {
        let mut bytes = vec![0; rows.stride() * rows.size().height as usize];
        rows.read(&mut bytes)?;
        Ok(Frame::new(rows.size(), rows.layout(), bytes))
    }
}

impl Rows for Frame {
    fn size(&self) -> Size {
        self.size
    }

    fn layout(&self) -> Layout {
        self.layout
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        out.copy_from_slice(&self.bytes[self.handed_out..][..out.len()]);
        self.handed_out += out.len();
        Ok(())
    }
}
