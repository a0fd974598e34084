//! What every decoder returns.

use crate::colour::ColourProfile;
use crate::raster::{Raster, Region, Rows, RowsToCrop};

/// The pixels of a picture as it is stored, and their colours.
pub(crate) struct Decoded<'a> {
    pub(crate) picture: Raster<'a>,
    /// The colours of the pixels, by precedence: the first that can be read is used. Without one, they are in sRGB.
    pub(crate) profiles: Vec<ColourProfile>,
}

impl<'a> Decoded<'a> {
    pub(crate) fn packed(rows: Box<dyn Rows + 'a>, region: Region, profiles: Vec<ColourProfile>) -> Self {
        Decoded { picture: Raster::Packed(RowsToCrop { rows, region }), profiles }
    }
}
