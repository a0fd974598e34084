//! What every decoder returns.

use crate::raster::{Raster, Region, Rows, RowsToCrop};

/// The pixels of a picture as it is stored, and its colour profile.
pub(crate) struct Decoded<'a> {
    pub(crate) picture: Raster<'a>,
    /// The ICC profile of the pixels, as the file has it. Without one, they are in sRGB.
    pub(crate) profile: Option<Vec<u8>>,
}

impl<'a> Decoded<'a> {
    pub(crate) fn packed(rows: Box<dyn Rows + 'a>, region: Region, profile: Option<Vec<u8>>) -> Self {
        Decoded { picture: Raster::Packed(RowsToCrop { rows, region }), profile }
    }
}
