//! The size and the crop of a rendition, in whole pixels.
//!
//! All arithmetic uses integers, so every machine gets the same result. Sides are rounded to the nearest pixel,
//! halves up, and are at least 1. Nothing is enlarged.
//!
//! Sizes are those of the seen picture, after its [`Orientation`](crate::Orientation) was applied.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::{Fit, RenditionSpec};

/// Width × height in px, after orientation unless stated otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Size {
    /// Width in px.
    pub width: u32,
    /// Height in px.
    pub height: u32,
}

impl Size {
    /// A size of `width` × `height` px.
    pub const fn new(width: u32, height: u32) -> Self {
        Size { width, height }
    }

    /// Width × height. This does not fit into 32 bits for every picture.
    pub fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// This size with swapped axes.
    #[must_use]
    pub fn transposed(self) -> Self {
        Size::new(self.height, self.width)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}×{}", self.width, self.height)
    }
}

/// A rectangle in a picture, in px from the top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rect {
    /// Distance from the left edge.
    pub x: u32,
    /// Distance from the top edge.
    pub y: u32,
    /// Width and height of the rectangle.
    pub size: Size,
}

impl Rect {
    /// The whole of a picture of this size.
    pub fn whole(size: Size) -> Self {
        Rect { x: 0, y: 0, size }
    }
}

/// Which part of a source a rendition shows, and the rendition's size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// The part of the source. It is never smaller than `size`.
    pub crop: Rect,
    /// The rendition's size.
    pub size: Size,
}

/// Fits a source into the box of a spec.
///
/// ```
/// # use imaging::{Size, geometry::place};
/// let spec = serde_json::from_str(r#"{"name": "a", "width": 300, "height": 300, "format": "webp"}"#)?;
/// assert_eq!(place(&spec, Size::new(4000, 3000)).size, Size::new(300, 225));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn place(spec: &RenditionSpec, source: Size) -> Placement {
    place_within(spec, source, u32::MAX)
}

/// Fits a source into the box of a spec. No side of the rendition is longer than `max_side`.
pub(crate) fn place_within(spec: &RenditionSpec, source: Size, max_side: u32) -> Placement {
    let side = |side: Option<NonZeroU32>| side.map_or(u32::MAX, NonZeroU32::get);
    let bounds = Size::new(side(spec.width), side(spec.height));
    let limits = Size::new(max_side, max_side);
    match spec.fit {
        Fit::Inside => {
            let bounds = Size::new(bounds.width.min(max_side), bounds.height.min(max_side));
            Placement { crop: Rect::whole(source), size: inside(source, bounds) }
        }
        Fit::Cover => cover(source, inside(bounds, limits)),
    }
}

/// The largest size within `bounds` that has the source's aspect ratio and is not larger than the source.
fn inside(source: Size, bounds: Size) -> Size {
    let Size { width, height } = source;
    if width <= bounds.width && height <= bounds.height {
        return source;
    }
    if is_wider(source, bounds) {
        Size::new(bounds.width, scaled(height, bounds.width, width))
    } else {
        Size::new(scaled(width, bounds.height, height), bounds.height)
    }
}

/// Fills the box. If the source is too small to fill it, the box shrinks and keeps its aspect ratio.
fn cover(source: Size, bounds: Size) -> Placement {
    let size = inside(bounds, source);
    let kept = largest_crop(size, source);
    // If the overflow is odd, one more pixel is cropped at the right or the bottom.
    let crop = Rect { x: (source.width - kept.width) / 2, y: (source.height - kept.height) / 2, size: kept };
    Placement { crop, size }
}

/// The largest part of `source` with the aspect ratio of `shape`, which is not larger than `source`.
fn largest_crop(shape: Size, source: Size) -> Size {
    if is_wider(shape, source) {
        Size::new(source.width, scaled(shape.height, source.width, shape.width))
    } else {
        Size::new(scaled(shape.width, source.height, shape.height), source.height)
    }
}

/// Whether the aspect ratio of `a` is at least that of `b`.
fn is_wider(a: Size, b: Size) -> bool {
    // Multiplied out, because a quotient would be rounded.
    u64::from(a.width) * u64::from(b.height) >= u64::from(b.width) * u64::from(a.height)
}

/// `side` × `numerator` / `denominator`, rounded to the nearest integer, halves up, at least 1.
fn scaled(side: u32, numerator: u32, denominator: u32) -> u32 {
    // Twice the product of two u32 needs 65 bits.
    let (side, numerator, denominator) = (u128::from(side), u128::from(numerator), u128::from(denominator));
    let rounded = (2 * side * numerator + denominator) / (2 * denominator);
    u32::try_from(rounded).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spec(fit: Fit, width: u32, height: u32) -> RenditionSpec {
        RenditionSpec {
            name: "a".try_into().unwrap(),
            fit,
            width: NonZeroU32::new(width),
            height: NonZeroU32::new(height),
            target: crate::Target::Encoding(crate::Encoding::Png),
            frames: crate::Frames::First,
        }
    }

    #[test]
    fn inside_keeps_the_aspect_ratio_and_never_enlarges() {
        let cases = [
            // source, box (0: free), rendition
            ((4000, 3000), (300, 300), (300, 225)),
            ((3000, 4000), (300, 300), (225, 300)),
            ((4000, 3000), (800, 600), (800, 600)),
            ((4000, 3000), (150, 0), (150, 113)), // 112.5 goes up
            ((4000, 3000), (0, 150), (200, 150)),
            ((4000, 3000), (0, 0), (4000, 3000)),
            ((200, 100), (300, 300), (200, 100)),
            ((200, 100), (200, 100), (200, 100)),
            ((200, 100), (199, 100), (199, 100)), // 99.5 goes up
            ((10_000, 1), (100, 100), (100, 1)),
            ((1, 10_000), (100, 100), (1, 100)),
            ((1, 1), (1, 1), (1, 1)),
            ((u32::MAX, u32::MAX), (1, u32::MAX), (1, 1)),
        ];
        for ((sw, sh), (bw, bh), (w, h)) in cases {
            let placement = place(&spec(Fit::Inside, bw, bh), Size::new(sw, sh));
            assert_eq!(placement.size, Size::new(w, h), "{sw}×{sh} in {bw}×{bh}");
            assert_eq!(placement.crop, Rect::whole(Size::new(sw, sh)));
        }
    }

    #[test]
    fn cover_fills_the_box_from_the_middle() {
        let cases = [
            // source, box, rendition, crop
            ((4000, 3000), (300, 300), (300, 300), (500, 0, 3000, 3000)),
            ((3000, 4000), (300, 300), (300, 300), (0, 500, 3000, 3000)),
            ((4000, 3000), (400, 300), (400, 300), (0, 0, 4000, 3000)),
            // The source is too small for these boxes, so they shrink.
            ((200, 100), (300, 300), (100, 100), (50, 0, 100, 100)),
            ((200, 100), (400, 400), (100, 100), (50, 0, 100, 100)),
            ((200, 100), (100, 400), (25, 100), (87, 0, 25, 100)),
            ((1, 1), (300, 200), (1, 1), (0, 0, 1, 1)),
            ((1000, 1), (300, 200), (2, 1), (499, 0, 2, 1)),
        ];
        for ((sw, sh), (bw, bh), (w, h), (x, y, cw, ch)) in cases {
            let placement = place(&spec(Fit::Cover, bw, bh), Size::new(sw, sh));
            let expected = Placement { crop: Rect { x, y, size: Size::new(cw, ch) }, size: Size::new(w, h) };
            assert_eq!(placement, expected, "{sw}×{sh} over {bw}×{bh}");
        }
    }

    #[test]
    fn a_rendition_that_its_format_cannot_hold_is_scaled_down() {
        let source = Size::new(40_000, 10_000);
        let cases = [
            (spec(Fit::Inside, 0, 0), Size::new(16_383, 4096)),
            (spec(Fit::Inside, 20_000, 300), Size::new(1200, 300)),
            (spec(Fit::Cover, 20_000, 10_000), Size::new(16_383, 8192)),
        ];
        for (spec, size) in cases {
            assert_eq!(place_within(&spec, source, 16_383).size, size);
        }
    }

    /// Rounds a fraction to the nearest integer, halves up, by counting. It shares no arithmetic with `scaled`.
    fn slow_round(numerator: u128, denominator: u128) -> u128 {
        let mut whole = numerator / denominator;
        while (numerator - whole * denominator) * 2 >= denominator {
            whole += 1;
            if whole * denominator > numerator {
                break;
            }
        }
        whole.max(1)
    }

    /// Computes both scales and returns the smaller picture, which touches the box.
    fn slow_inside(source: (u128, u128), bounds: (u128, u128)) -> (u128, u128) {
        let ((w, h), (bw, bh)) = (source, bounds);
        let by_width = (bw.min(w), slow_round(h * bw.min(w), w));
        let by_height = (slow_round(w * bh.min(h), h), bh.min(h));
        if bw >= w && bh >= h {
            (w, h)
        } else if bw * h <= bh * w {
            by_width
        } else {
            by_height
        }
    }

    fn sides() -> impl Strategy<Value = (u32, u32)> {
        let side = || prop_oneof![1..20u32, 1..70_000u32, Just(u32::MAX)];
        (side(), side())
    }

    proptest! {
        #[test]
        fn inside_agrees_with_a_slow_rational_model(source in sides(), bounds in sides()) {
            let size = place(&spec(Fit::Inside, bounds.0, bounds.1), Size::new(source.0, source.1)).size;
            let slow = slow_inside((source.0.into(), source.1.into()), (bounds.0.into(), bounds.1.into()));
            prop_assert_eq!((u128::from(size.width), u128::from(size.height)), slow);
            prop_assert!(size.width <= source.0.min(bounds.0) && size.height <= source.1.min(bounds.1));
            prop_assert!(size.width >= 1 && size.height >= 1);
        }

        #[test]
        fn cover_agrees_with_a_slow_rational_model(source in sides(), bounds in sides()) {
            let Placement { crop, size } = place(&spec(Fit::Cover, bounds.0, bounds.1), Size::new(source.0, source.1));
            let slow = slow_inside((bounds.0.into(), bounds.1.into()), (source.0.into(), source.1.into()));
            prop_assert_eq!((u128::from(size.width), u128::from(size.height)), slow);
            // The crop is inside the source, is centred, touches two opposite sides, and is not enlarged.
            prop_assert!(crop.size.width >= size.width && crop.size.height >= size.height);
            let (right, below) = (source.0 - crop.x - crop.size.width, source.1 - crop.y - crop.size.height);
            prop_assert!(right - crop.x <= 1 && below - crop.y <= 1);
            prop_assert!(crop.size.width == source.0 || crop.size.height == source.1);
        }
    }
}
