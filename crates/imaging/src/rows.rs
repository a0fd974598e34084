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

/// What a pixel is made of: samples in order, without gaps, in the machine's byte order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) channels: Channels,
    pub(crate) depth: Depth,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channels {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
    /// Full ink is the highest level.
    Cmyk,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    Eight,
    Sixteen,
}

impl Channels {
    pub(crate) fn count(self) -> usize {
        match self {
            Channels::Grey => 1,
            Channels::GreyAlpha => 2,
            Channels::Rgb => 3,
            Channels::Rgba | Channels::Cmyk => 4,
        }
    }

    pub(crate) fn has_alpha(self) -> bool {
        matches!(self, Channels::GreyAlpha | Channels::Rgba)
    }

    /// Such pixels of 8 bits a sample.
    pub(crate) const fn eight(self) -> Layout {
        Layout { channels: self, depth: Depth::Eight }
    }
}

impl Layout {
    pub(crate) fn pixel_bytes(self) -> usize {
        self.channels.count() * if self.depth == Depth::Sixteen { 2 } else { 1 }
    }
}

/// Rows that are collected at a time: whoever has to convert them holds no more.
const STRIP_ROWS: usize = 64;

/// A picture held whole, by itself or by another, handed out row by row.
pub(crate) struct Frame<B = Vec<u8>> {
    pub(crate) size: Size,
    pub(crate) layout: Layout,
    pub(crate) bytes: B,
    handed_out: usize,
}

impl<B: AsRef<[u8]>> Frame<B> {
    pub(crate) fn new(size: Size, layout: Layout, bytes: B) -> Self {
        debug_assert_eq!(bytes.as_ref().len() as u64, size.pixels() * layout.pixel_bytes() as u64);
        Frame { size, layout, bytes, handed_out: 0 }
    }
}

impl Frame {
    /// All of `rows`, of which none was read yet, held whole.
    pub(crate) fn collect(rows: &mut dyn Rows) -> Result<Self, RenderError> {
        let stride = rows.stride();
        let mut bytes = vec![0; stride * rows.size().height as usize];
        for strip in bytes.chunks_mut(stride * STRIP_ROWS) {
            rows.read(strip)?;
        }
        Ok(Frame::new(rows.size(), rows.layout(), bytes))
    }
}

impl<B: AsRef<[u8]>> Rows for Frame<B> {
    fn size(&self) -> Size {
        self.size
    }

    fn layout(&self) -> Layout {
        self.layout
    }

    fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
        out.copy_from_slice(&self.bytes.as_ref()[self.handed_out..][..out.len()]);
        self.handed_out += out.len();
        Ok(())
    }
}
