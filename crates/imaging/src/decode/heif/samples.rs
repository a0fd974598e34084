//! The samples of a decoded picture, row by row.

use crate::probe::heif::Layout;
use crate::{RenderError, Size};

/// The planes of a picture: 0 is luma or alpha, 1 and 2 are blue and red chroma.
pub(super) trait SampleRows {
    fn layout(&self) -> Layout;

    /// Bits of a sample: 8 or more.
    fn bits(&self) -> u8;

    fn plane_size(&self, plane: usize) -> Size;

    /// Fills `out` with the samples of the next row of a plane. Each plane has a next row of its own.
    fn read(&mut self, plane: usize, out: &mut [f32]) -> Result<(), RenderError>;
}
