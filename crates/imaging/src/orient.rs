//! EXIF orientation: how a stored picture is rotated and mirrored so that it is seen upright.
//!
//! In this crate, `stored` means before orientation, and `seen` means after it.

use serde::{Deserialize, Serialize};

use crate::geometry::Rect;
use crate::raster::{FixedPixelSize, PixelBuffer, Rows, SrgbFormat};
use crate::{RenderError, Size};

/// An EXIF orientation, 1–8 (EXIF 2.32, tag 0x0112). 1 is upright; 5–8 swap the axes. The default is upright.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Orientation(u8);

impl Orientation {
    /// The picture is stored as it is seen.
    pub const UPRIGHT: Orientation = Orientation(1);

    /// The orientation of an EXIF tag's value. Values outside 1–8 mean upright.
    pub fn from_exif(tag: u16) -> Self {
        u8::try_from(tag).ok().and_then(|tag| Orientation::try_from(tag).ok()).unwrap_or(Orientation::UPRIGHT)
    }

    /// The EXIF number, 1–8.
    pub fn get(self) -> u8 {
        self.0
    }

    /// Whether stored columns are seen as rows.
    pub fn swaps_axes(self) -> bool {
        self.0 >= 5
    }

    /// Whether left and right are swapped. If the axes are swapped too, this happens first.
    pub(crate) fn mirrors_columns(self) -> bool {
        matches!(self.0, 2 | 3 | 7 | 8)
    }

    /// Whether top and bottom are swapped. If the axes are swapped too, this happens first.
    pub(crate) fn mirrors_rows(self) -> bool {
        matches!(self.0, 3 | 4 | 6 | 7)
    }

    /// The orientation of a picture that is oriented by this one, and then by another.
    pub(crate) fn then(self, next: Orientation) -> Self {
        // What mirrors columns after the axes were swapped mirrors rows before.
        let (columns, rows) = match self.swaps_axes() {
            true => (next.mirrors_rows(), next.mirrors_columns()),
            false => (next.mirrors_columns(), next.mirrors_rows()),
        };
        let (columns, rows) = (self.mirrors_columns() ^ columns, self.mirrors_rows() ^ rows);
        Orientation(match (self.swaps_axes() ^ next.swaps_axes(), columns, rows) {
            (false, false, false) => 1,
            (false, true, false) => 2,
            (false, true, true) => 3,
            (false, false, true) => 4,
            (true, false, false) => 5,
            (true, false, true) => 6,
            (true, true, true) => 7,
            (true, true, false) => 8,
        })
    }

    /// The seen size of a stored size, and the stored size of a seen size.
    #[must_use]
    pub fn size(self, size: Size) -> Size {
        if self.swaps_axes() { size.transposed() } else { size }
    }

    /// Converts a rectangle in the seen picture, whose size is `seen`, to the stored picture.
    pub(crate) fn stored_rect(self, rect: Rect, seen: Size) -> Rect {
        let (stored, mut rect) = (self.size(seen), rect);
        if self.swaps_axes() {
            rect = Rect { x: rect.y, y: rect.x, size: rect.size.transposed() };
        }
        if self.mirrors_columns() {
            rect.x = stored.width - rect.x - rect.size.width;
        }
        if self.mirrors_rows() {
            rect.y = stored.height - rect.y - rect.size.height;
        }
        rect
    }

    /// Converts a rectangle in the stored picture to the seen picture, whose size is `seen`.
    pub(crate) fn seen_rect(self, rect: Rect, seen: Size) -> Rect {
        let (stored, mut rect) = (self.size(seen), rect);
        if self.mirrors_columns() {
            rect.x = stored.width - rect.x - rect.size.width;
        }
        if self.mirrors_rows() {
            rect.y = stored.height - rect.y - rect.size.height;
        }
        if self.swaps_axes() {
            rect = Rect { x: rect.y, y: rect.x, size: rect.size.transposed() };
        }
        rect
    }
}

impl Default for Orientation {
    fn default() -> Self {
        Orientation::UPRIGHT
    }
}

/// The number is not an EXIF orientation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("orientation {0} is not within 1–8")]
pub struct OrientationOutOfRange(u8);

impl TryFrom<u8> for Orientation {
    type Error = OrientationOutOfRange;

    fn try_from(found: u8) -> Result<Self, OrientationOutOfRange> {
        if (1..=8).contains(&found) { Ok(Orientation(found)) } else { Err(OrientationOutOfRange(found)) }
    }
}

impl From<Orientation> for u8 {
    fn from(orientation: Orientation) -> u8 {
        orientation.0
    }
}

/// Rotates and mirrors a stored picture so that it is upright.
///
/// Upright rows are returned unchanged. Otherwise the picture is collected in memory; it is resized by then, and small.
pub(crate) fn orient<'a>(
    mut rows: Box<dyn Rows<SrgbFormat> + 'a>,
    orientation: Orientation,
) -> Result<Box<dyn Rows<SrgbFormat> + 'a>, RenderError> {
    if orientation == Orientation::UPRIGHT {
        return Ok(rows);
    }
    let PixelBuffer { size, pixel_format, mut bytes, .. } = PixelBuffer::collect(&mut *rows)?;
    // With the pixel's size as a constant, the compiler copies pixels instead of bytes.
    let upright = match pixel_format.pixel_bytes() {
        1 => orient_pixels::<1>(&mut bytes, size, orientation).into_flattened(),
        2 => orient_pixels::<2>(&mut bytes, size, orientation).into_flattened(),
        3 => orient_pixels::<3>(&mut bytes, size, orientation).into_flattened(),
        _ => orient_pixels::<4>(&mut bytes, size, orientation).into_flattened(),
    };
    Ok(Box::new(PixelBuffer::new(orientation.size(size), pixel_format, upright)))
}

/// Mirrors pixels of `N` bytes in place, then copies them, with swapped axes if the orientation swaps them.
fn orient_pixels<const N: usize>(bytes: &mut [u8], stored: Size, orientation: Orientation) -> Vec<[u8; N]> {
    let (width, height) = (stored.width as usize, stored.height as usize);
    let pixels = bytes.as_chunks_mut::<N>().0;
    // Mirroring both axes is a rotation by 180°: the pixels in reverse order.
    if orientation.mirrors_rows() && orientation.mirrors_columns() {
        pixels.reverse();
    } else if orientation.mirrors_columns() {
        pixels.chunks_exact_mut(width).for_each(<[_]>::reverse);
    } else if orientation.mirrors_rows() {
        for y in 0..height / 2 {
            let (above, below) = pixels.split_at_mut((height - 1 - y) * width);
            above[y * width..][..width].swap_with_slice(&mut below[..width]);
        }
    }
    if orientation.swaps_axes() { transpose(pixels, width, height) } else { pixels.to_vec() }
}

/// Swaps the axes. Works in tiles, so that the columns being written stay in the processor's cache.
fn transpose<const N: usize>(pixels: &[[u8; N]], width: usize, height: usize) -> Vec<[u8; N]> {
    const TILE: usize = 32;
    let mut transposed = vec![[0; N]; pixels.len()];
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            for y in top..(top + TILE).min(height) {
                for x in left..(left + TILE).min(width) {
                    transposed[x * height + y] = pixels[y * width + x];
                }
            }
        }
    }
    transposed
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// How each orientation shows `ab/cd/ef` (3 rows of 2 pixels), as drawn in EXIF 2.32.
    const SEEN: [&str; 8] =
        ["ab/cd/ef", "ba/dc/fe", "fe/dc/ba", "ef/cd/ab", "ace/bdf", "eca/fdb", "fdb/eca", "bdf/ace"];

    fn oriented<const N: usize>(pixels: &[[u8; N]], stored: Size, orientation: Orientation) -> Vec<[u8; N]> {
        orient_pixels(&mut pixels.as_flattened().to_vec(), stored, orientation)
    }

    fn seen(orientation: Orientation) -> String {
        let stored = Size::new(2, 3);
        let width = orientation.size(stored).width as usize;
        let seen = oriented(&b"abcdef".map(|letter| [letter]), stored, orientation).into_flattened();
        let rows = seen.chunks(width).map(|row| String::from_utf8_lossy(row).into_owned());
        rows.collect::<Vec<_>>().join("/")
    }

    #[test]
    fn every_orientation_is_shown_as_drawn_in_exif() {
        for (number, expected) in (1..=8).zip(SEEN) {
            assert_eq!(seen(Orientation(number)), expected, "orientation {number}");
        }
    }

    #[test]
    fn two_orientations_one_after_the_other_are_one() {
        let stored = Size::new(2, 3);
        for (first, second) in
            (1..=8).flat_map(|first| (1..=8).map(move |second| (Orientation(first), Orientation(second))))
        {
            let once = oriented(&b"abcdef".map(|letter| [letter]), stored, first);
            let twice = oriented(&once, first.size(stored), second);
            let both = oriented(&b"abcdef".map(|letter| [letter]), stored, first.then(second));
            assert_eq!(twice, both, "{first:?}, then {second:?}");
        }
    }

    #[test]
    fn a_tag_outside_1_to_8_is_upright() {
        for tag in [0, 9, 256, 262, u16::MAX] {
            assert_eq!(Orientation::from_exif(tag), Orientation::UPRIGHT);
        }
        assert_eq!(Orientation::from_exif(6).get(), 6);
    }

    #[test]
    fn rectangles_convert_to_where_their_pixels_are() {
        let stored = Size::new(7, 5);
        let pixels: Vec<[u8; 1]> = (0..35).map(|at| [at]).collect();
        for number in 1..=8 {
            let orientation = Orientation(number);
            let seen = orientation.size(stored);
            let upright = oriented(&pixels, stored, orientation);
            let rect = Rect { x: 1, y: 2, size: Size::new(3, 2) };
            let at = orientation.stored_rect(rect, seen);
            assert_eq!(orientation.seen_rect(at, seen), rect);
            let cut = |pixels: &[[u8; 1]], rect: Rect, width: u32| -> Vec<[u8; 1]> {
                let rows = rect.y..rect.y + rect.size.height;
                rows.flat_map(|y| (rect.x..rect.x + rect.size.width).map(move |x| (y * width + x) as usize))
                    .map(|at| pixels[at])
                    .collect()
            };
            let from_stored = oriented(&cut(&pixels, at, stored.width), at.size, orientation);
            assert_eq!(from_stored, cut(&upright, rect, seen.width), "orientation {number}");
        }
    }

    #[test]
    fn a_picture_larger_than_a_tile_is_transposed_completely() {
        let stored = Size::new(70, 33);
        let pixels: Vec<[u8; 2]> = (0..70 * 33u16).map(u16::to_le_bytes).collect();
        let rotated = oriented(&pixels, stored, Orientation(6));
        assert_eq!(oriented(&rotated, stored.transposed(), Orientation(8)), pixels);
    }
}
