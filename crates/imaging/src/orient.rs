//! EXIF orientation: how a stored picture is turned and mirrored to be seen upright.

use serde::{Deserialize, Serialize};

use crate::geometry::Rect;
use crate::raster::{PixelBuffer, Rows};
use crate::{RenderError, Size};

/// An EXIF orientation, 1–8 (EXIF 2.32, tag 0x0112): 1 is upright, 5–8 swap the axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Orientation(u8);

impl Orientation {
    /// Stored as it is seen.
    pub const UPRIGHT: Orientation = Orientation(1);

    /// The orientation that an EXIF tag means. What lies outside 1–8 has no meaning, and is
    /// upright.
    pub fn from_exif(tag: u16) -> Self {
        u8::try_from(tag)
            .ok()
            .and_then(|tag| Orientation::try_from(tag).ok())
            .unwrap_or(Orientation::UPRIGHT)
    }

    /// The EXIF number, 1–8.
    pub fn get(self) -> u8 {
        self.0
    }

    /// Whether columns as stored are rows as seen.
    pub fn swaps_axes(self) -> bool {
        self.0 >= 5
    }

    /// Whether what is stored right is seen left (before the axes are swapped, where they are).
    pub(crate) fn mirrors_columns(self) -> bool {
        matches!(self.0, 2 | 3 | 7 | 8)
    }

    /// Whether what is stored at the bottom is seen at the top (before the axes are swapped, where
    /// they are).
    pub(crate) fn mirrors_rows(self) -> bool {
        matches!(self.0, 3 | 4 | 6 | 7)
    }

    /// The size as seen of a size as stored. Its own inverse.
    #[must_use]
    pub fn size(self, size: Size) -> Size {
        if self.swaps_axes() { size.transposed() } else { size }
    }

    /// Where a part of the picture as seen is stored, in a picture that is seen as `seen` px.
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

    /// Where a part of the picture as stored is seen, in a picture that is seen as `seen` px.
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

/// A number that is no EXIF orientation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("orientation {0} is not within 1–8")]
pub struct OrientationOutOfRange(u8);

impl TryFrom<u8> for Orientation {
    type Error = OrientationOutOfRange;

    fn try_from(found: u8) -> Result<Self, OrientationOutOfRange> {
        if (1..=8).contains(&found) {
            Ok(Orientation(found))
        } else {
            Err(OrientationOutOfRange(found))
        }
    }
}

impl From<Orientation> for u8 {
    fn from(orientation: Orientation) -> u8 {
        orientation.0
    }
}

/// Turns and mirrors a picture as stored into the picture as seen. One that is upright flows by;
/// any other is held whole, which by now is small.
pub(crate) fn orient<'a>(
    mut rows: Box<dyn Rows + 'a>,
    orientation: Orientation,
) -> Result<Box<dyn Rows + 'a>, RenderError> {
    if orientation == Orientation::UPRIGHT {
        return Ok(rows);
    }
    let PixelBuffer { size, pixel_format, mut bytes, .. } = PixelBuffer::collect(&mut *rows)?;
    let turned = match pixel_format.pixel_bytes() {
        1 => turn::<1>(&mut bytes, size, orientation).into_flattened(),
        2 => turn::<2>(&mut bytes, size, orientation).into_flattened(),
        3 => turn::<3>(&mut bytes, size, orientation).into_flattened(),
        _ => turn::<4>(&mut bytes, size, orientation).into_flattened(),
    };
    Ok(Box::new(PixelBuffer::new(orientation.size(size), pixel_format, turned)))
}

/// `stored` px of `N` bytes, mirrored in place and copied out with their axes as seen.
fn turn<const N: usize>(bytes: &mut [u8], stored: Size, orientation: Orientation) -> Vec<[u8; N]> {
    let (width, height) = (stored.width as usize, stored.height as usize);
    let pixels = bytes.as_chunks_mut::<N>().0;
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

/// In tiles, so that the columns being written stay in cache.
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

    /// What each orientation shows of `ab/cd/ef` (3 rows of 2), as EXIF 2.32 draws it.
    const SEEN: [&str; 8] = [
        "ab/cd/ef", "ba/dc/fe", "fe/dc/ba", "ef/cd/ab", "ace/bdf", "eca/fdb", "fdb/eca", "bdf/ace",
    ];

    fn orient<const N: usize>(
        pixels: &[[u8; N]],
        stored: Size,
        orientation: Orientation,
    ) -> Vec<[u8; N]> {
        turn(&mut pixels.as_flattened().to_vec(), stored, orientation)
    }

    fn seen(orientation: Orientation) -> String {
        let stored = Size::new(2, 3);
        let width = orientation.size(stored).width as usize;
        let seen = orient(&b"abcdef".map(|letter| [letter]), stored, orientation).into_flattened();
        let rows = seen.chunks(width).map(|row| String::from_utf8_lossy(row).into_owned());
        rows.collect::<Vec<_>>().join("/")
    }

    #[test]
    fn every_orientation_shows_what_exif_draws() {
        for (number, expected) in (1..=8).zip(SEEN) {
            assert_eq!(seen(Orientation(number)), expected, "orientation {number}");
        }
    }

    #[test]
    fn a_tag_without_meaning_is_upright() {
        for tag in [0, 9, 256, 262, u16::MAX] {
            assert_eq!(Orientation::from_exif(tag), Orientation::UPRIGHT);
        }
        assert_eq!(Orientation::from_exif(6).get(), 6);
    }

    #[test]
    fn a_part_is_stored_where_its_pixels_are() {
        let stored = Size::new(7, 5);
        let pixels: Vec<[u8; 1]> = (0..35).map(|at| [at]).collect();
        for number in 1..=8 {
            let orientation = Orientation(number);
            let seen = orientation.size(stored);
            let upright = orient(&pixels, stored, orientation);
            let rect = Rect { x: 1, y: 2, size: Size::new(3, 2) };
            let at = orientation.stored_rect(rect, seen);
            assert_eq!(orientation.seen_rect(at, seen), rect);
            let cut = |pixels: &[[u8; 1]], rect: Rect, width: u32| -> Vec<[u8; 1]> {
                let rows = rect.y..rect.y + rect.size.height;
                rows.flat_map(|y| {
                    (rect.x..rect.x + rect.size.width).map(move |x| (y * width + x) as usize)
                })
                .map(|at| pixels[at])
                .collect()
            };
            let from_stored = orient(&cut(&pixels, at, stored.width), at.size, orientation);
            assert_eq!(from_stored, cut(&upright, rect, seen.width), "orientation {number}");
        }
    }

    #[test]
    fn a_transpose_larger_than_a_tile_loses_nothing() {
        let stored = Size::new(70, 33);
        let pixels: Vec<[u8; 2]> = (0..70 * 33u16).map(u16::to_le_bytes).collect();
        let turned = orient(&pixels, stored, Orientation(6));
        assert_eq!(orient(&turned, stored.transposed(), Orientation(8)), pixels);
    }
}
