//! How a picture is cropped, rotated and mirrored (`clap`, `irot`, `imir`; ISO/IEC 23008-12, section 6.5).
//!
//! They apply in the order in which the item lists them. The result is the same as a crop of the coded picture and one
//! [`Orientation`] after it. EXIF has an orientation, too, which readers of HEIF ignore: cameras write both.

use super::boxes::Fields;
use super::corrupt;
use super::meta::{Item, Property};
use crate::geometry::Rect;
use crate::{Orientation, Rejection, Size};

/// A crop of the coded picture, and an orientation after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Transforms {
    pub(super) crop: Rect,
    pub(super) orientation: Orientation,
}

impl Transforms {
    /// The transforms of a coded picture of this size.
    pub(super) fn none(size: Size) -> Self {
        Transforms { crop: Rect::whole(size), orientation: Orientation::UPRIGHT }
    }

    /// Adds the transforms of an item.
    pub(super) fn add(&mut self, item: &Item<'_>) -> Result<(), Rejection> {
        for &(Property { name, content }, _) in &item.properties {
            match &name {
                b"clap" => {
                    let seen = self.orientation.size(self.crop.size);
                    let stored = self.orientation.stored_rect(clean_aperture(content, seen)?, seen);
                    let (x, y) = (self.crop.x + stored.x, self.crop.y + stored.y);
                    self.crop = Rect { x, y, size: stored.size };
                }
                b"irot" => self.orientation = self.orientation.then(rotation(Fields::new(content).u8()?)),
                b"imir" => self.orientation = self.orientation.then(mirror(Fields::new(content).u8()?)),
                _ => {}
            }
        }
        Ok(())
    }

    /// Whether an item has any.
    pub(super) fn are_in(item: &Item<'_>) -> bool {
        item.properties.iter().any(|(property, _)| matches!(&property.name, b"clap" | b"irot" | b"imir"))
    }
}

/// The orientation that rotates by this many quarter turns counter-clockwise.
fn rotation(quarters: u8) -> Orientation {
    Orientation::from_exif([1, 8, 3, 6][usize::from(quarters & 3)])
}

/// The orientation that exchanges top and bottom (0), or left and right (1).
fn mirror(axis: u8) -> Orientation {
    Orientation::from_exif(if axis & 1 == 0 { 4 } else { 2 })
}

/// The rectangle of a clean aperture (ISO/IEC 14496-12, section 12.1.4), in a picture of this size.
///
/// Its sides and the distance of its centre from the picture's centre are fractions. Edges between pixels are rounded
/// to the nearest, and edges outside the picture to its edge.
fn clean_aperture(content: &[u8], size: Size) -> Result<Rect, Rejection> {
    let mut fields = Fields::new(content);
    let mut axis = || -> Result<_, Rejection> { Ok((fields.u32()?, fields.u32()?)) };
    let (width, height, right, down) = (axis()?, axis()?, axis()?, axis()?);
    let (x, width) = span(size.width, width, right)?;
    let (y, height) = span(size.height, height, down)?;
    Ok(Rect { x, y, size: Size::new(width, height) })
}

/// The start and the length of an aperture along one side.
fn span(side: u32, len: (u32, u32), offset: (u32, u32)) -> Result<(u32, u32), Rejection> {
    let invalid = || corrupt("its clean aperture is invalid");
    if len.1 == 0 || offset.1 == 0 {
        return Err(invalid());
    }
    // The numerator of an offset is signed. All is counted in 1 / (2 × both denominators) of a pixel.
    let [len, offset] = [[len.0.into(), len.1.into()], [i128::from(offset.0.cast_signed()), offset.1.into()]];
    let unit = 2 * len[1] * offset[1];
    let centre = (i128::from(side) * len[1] * offset[1]) + 2 * offset[0] * len[1];
    let half = len[0] * offset[1];
    let rounded = |at: i128| (2 * at + unit).div_euclid(2 * unit).clamp(0, side.into());
    let [start, end] = [centre - half, centre + half].map(rounded);
    let (start, len) =
        (u32::try_from(start).map_err(|_| invalid())?, u32::try_from(end - start).map_err(|_| invalid())?);
    if len == 0 { Err(invalid()) } else { Ok((start, len)) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_aperture_is_counted_from_the_centre() {
        let cases = [
            // side, length, offset, start and length
            (100, (100, 1), (0, 1), (0, 100)),
            (100, (60, 1), (0, 1), (20, 60)),
            (100, (60, 1), (-20, 1), (0, 60)),
            (100, (60, 1), (20, 1), (40, 60)),
            (102, (101, 1), (-1, 2), (0, 101)), // what encoders write that pad odd pictures
            (102, (202, 2), (-2, 4), (0, 101)),
            (100, (60, 1), (30, 1), (50, 50)), // beyond the edge
            (100, (200, 1), (0, 1), (0, 100)),
        ];
        for (side, len, (numerator, denominator), expected) in cases {
            let offset = (i32::cast_unsigned(numerator), denominator);
            assert_eq!(span(side, len, offset), Ok(expected), "{len:?} {numerator}/{denominator} of {side}");
        }
    }

    #[test]
    fn an_aperture_of_nothing_is_corrupt() {
        for (len, offset) in [((0, 1), (0, 1)), ((1, 0), (0, 1)), ((1, 1), (0, 0)), ((10, 1), (500, 1))] {
            assert!(span(100, len, offset).is_err(), "{len:?} {offset:?}");
        }
        let most = (u32::MAX, u32::MAX);
        assert!(span(u32::MAX, most, most).is_ok());
    }
}
