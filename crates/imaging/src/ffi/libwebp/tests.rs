#![allow(clippy::unwrap_used)]

use std::cell::Cell;

use super::*;
use crate::geometry::Rect;
use crate::{Size, chart};

const SIZE: Size = Size::new(60, 40);
const LOSSLESS: Mode = Mode::Lossless { level: 6 };
const LOSSY: Mode = Mode::Lossy { quality: 80, method: 4 };

fn always() -> bool {
    true
}

#[test]
fn encoding_stops_when_the_hook_returns_false() {
    for mode in [LOSSY, LOSSLESS] {
        let calls = Cell::new(0);
        let twice = || calls.replace(calls.get() + 1) < 2;
        let stopped = encode(&chart::rgb(SIZE), SIZE, mode, &twice);
        assert_eq!(stopped, Err("VP8_ENC_ERROR_USER_ABORT".to_owned()), "{mode:?}");
        assert_eq!(calls.get(), 3, "{mode:?}");
    }
}

#[test]
fn lossless_pixels_are_unchanged() {
    let pixels = chart::rgb(SIZE);
    let webp = encode(&pixels, SIZE, LOSSLESS, &always).unwrap();
    let expected = Features { size: SIZE, has_alpha: false, is_animated: false, is_lossy: false };
    assert_eq!(features(&webp), Some(expected));
    assert_eq!(decode(&webp, Rect::whole(SIZE), SIZE, Extent::Whole).unwrap().0, pixels);
}

#[test]
fn a_crop_has_the_pixels_of_its_rectangle() {
    let pixels = chart::rgb(SIZE);
    let webp = encode(&pixels, SIZE, LOSSLESS, &always).unwrap();
    let crop = Rect { x: 7, y: 3, size: Size::new(5, 2) };
    let row = |y: usize| &pixels[(y * 60 + 7) * 3..][..15];
    assert_eq!(decode(&webp, crop, crop.size, Extent::Whole).unwrap().0, [row(3), row(4)].concat());
}

#[test]
fn a_crop_outside_the_picture_and_a_truncated_picture_are_errors() {
    let webp = encode(&chart::rgb(SIZE), SIZE, LOSSY, &always).unwrap();
    let outside = Rect { x: 50, y: 0, size: Size::new(11, 1) };
    assert!(decode(&webp, outside, outside.size, Extent::Whole).is_err());
    let huge = Rect { x: u32::MAX, y: 0, size: Size::new(1, 1) };
    assert!(decode(&webp, huge, huge.size, Extent::Whole).is_err());
    for len in 0..webp.len() {
        let whole = decode(&webp[..len], Rect::whole(SIZE), SIZE, Extent::Whole);
        assert!(whole.is_err(), "truncated to {len} bytes");
        // The output of a part is as large as that of the whole.
        if let Ok((part, rows)) = decode(&webp[..len], Rect::whole(SIZE), SIZE, Extent::Part) {
            assert_eq!(part.len(), 60 * 40 * 3);
            assert!(rows.decoded > 0 && rows.decoded <= rows.total, "{rows:?}");
        }
    }
}

#[test]
fn pixels_of_another_size_are_an_error() {
    assert!(encode(&[0; 11], Size::new(2, 2), LOSSLESS, &always).is_err());
    assert!(encode(&[], Size::new(0, 0), LOSSLESS, &always).is_err());
    assert!(encode(&vec![0; 16_384 * 3], Size::new(16_384, 1), LOSSLESS, &always).is_err());
}
