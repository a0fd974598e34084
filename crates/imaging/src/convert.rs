//! From decoded pixels to the pixels of the rendition. Stills take these steps once, animations once per frame.

use crate::colour::to_srgb;
use crate::decode::Decoded;
use crate::orient::orient;
use crate::raster::Rows;
use crate::resize::resize;
use crate::time_budget::TimeBudget;
use crate::transparent::clear_transparent;
use crate::{Orientation, RenderError, Size};

/// Resizes, converts to sRGB, clears transparent pixels and orients.
///
/// `stored_size` is the rendition's size before orientation.
pub(crate) fn convert_pixels<'a>(
    decoded: Decoded<'a>,
    stored_size: Size,
    orientation: Orientation,
    budget: &TimeBudget,
) -> Result<Box<dyn Rows + 'a>, RenderError> {
    let Decoded { picture, profile } = decoded;
    let resized = resize(budget.with_deadline(picture), stored_size);
    // Converting colours after resizing converts fewer pixels.
    let coloured = to_srgb(resized, profile.as_deref());
    orient(clear_transparent(coloured), orientation)
}
