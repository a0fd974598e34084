//! From decoded pixels to the pixels of the rendition. Stills take these steps once, animations once per frame.

use crate::colour::SrgbConverter;
use crate::orient::orient;
use crate::raster::{Raster, Rows, SrgbFormat};
use crate::resize::resize;
use crate::time_budget::TimeBudget;
use crate::transparent::clear_transparent;
use crate::{Orientation, RenderError, Size};

/// Resizes, converts to sRGB, clears transparent pixels and orients.
///
/// `stored_size` is the rendition's size before orientation.
pub(crate) fn convert_pixels<'a>(
    decoded: Raster<'a>,
    stored_size: Size,
    to_srgb: &SrgbConverter,
    orientation: Orientation,
    budget: &TimeBudget,
) -> Result<Box<dyn Rows<SrgbFormat> + 'a>, RenderError> {
    let resized = resize(budget.with_deadline(decoded), stored_size);
    // After resizing, there are fewer pixels to convert.
    let coloured = to_srgb.convert(resized);
    // Conversion can give transparent pixels another colour, so they are cleared after it.
    orient(clear_transparent(coloured), orientation)
}
