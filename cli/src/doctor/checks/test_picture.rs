//! The picture that the doctor uploads.

use imaging::{Orientation, Size, chart};

/// A JPEG of a few kilobytes. Its size differs from every box of the profiles that ship with Darkroom.
pub(super) fn test_picture() -> Vec<u8> {
    chart::jpeg(Size::new(360, 240), Orientation::UPRIGHT)
}
