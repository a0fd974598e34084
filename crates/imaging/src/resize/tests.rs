//! Strips make no difference: what they come to is what a whole frame comes to.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use resample::{Crop, Resampler};

use super::*;
use crate::geometry::Rect;
use crate::raster::PixelBuffer;

/// The whole frame at once, lines first.
fn whole(frame: PixelBuffer, region: Region, size: Size) -> Vec<u8> {
    let PixelBuffer { size: sides, mut bytes, pixel_format, .. } = frame;
    let needs_alpha = pixel_format.channels.has_alpha() && !region.has_size(size);
    if needs_alpha {
        resample::premultiply_alpha(pixels(pixel_format, sides, &mut bytes)).unwrap();
    }
    let shortened = Size::new(sides.width, size.height);
    let (top, height) = (region.top, region.height);
    let rows = Crop { left: 0.0, top, width: sides.width.into(), height };
    let mut lines = resized(pixel_format, (sides, &mut bytes), rows, shortened);
    let (left, width) = (region.left, region.width);
    let columns = Crop { left, top: 0.0, width, height: size.height.into() };
    let mut resized = resized(pixel_format, (shortened, &mut lines), columns, size);
    if needs_alpha {
        resample::divide_alpha(pixels(pixel_format, size, &mut resized)).unwrap();
    }
    resized
}

fn resized(
    pixel_format: PixelFormat,
    (sides, bytes): (Size, &mut [u8]),
    crop: Crop,
    size: Size,
) -> Vec<u8> {
    let mut to = vec![0; size.width as usize * size.height as usize * pixel_format.pixel_bytes()];
    let (from, into) = (pixels(pixel_format, sides, bytes), pixels(pixel_format, size, &mut to));
    Resampler::default().resize(from, crop, into).unwrap();
    to
}

/// As many rows at a time as `chunks` says, over and over.
fn streamed(frame: PixelBuffer, region: Region, size: Size, chunks: &[usize]) -> Vec<u8> {
    let mut rows = resize_part(CroppedRows { rows: Box::new(frame), region }, size);
    assert_eq!(rows.size(), size);
    let stride = rows.stride();
    let mut out = vec![0; stride * size.height as usize];
    let (mut rest, mut chunks) = (out.as_mut_slice(), chunks.iter().cycle());
    while !rest.is_empty() {
        let len = (chunks.next().unwrap() * stride).min(rest.len());
        let (now, later) = rest.split_at_mut(len);
        rows.read(now).unwrap();
        rest = later;
    }
    out
}

fn noise(len: usize, seed: u32) -> Vec<u8> {
    let mut state = seed | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[3]
    };
    (0..len).map(|_| next()).collect()
}

/// A region of a picture, and a size that is not larger than it.
fn place(sides: Size, crop: (u32, u32, u32, u32), shrink: (u32, u32)) -> (Region, Size) {
    let part = |side: u32, at: u32, span: u32| {
        let start = at % side;
        (start, 1 + span % (side - start))
    };
    let ((x, width), (y, height)) =
        (part(sides.width, crop.0, crop.2), part(sides.height, crop.1, crop.3));
    let region = Region::at_full_scale(Rect { x, y, size: Size::new(width, height) });
    (region, Size::new(1 + shrink.0 % width, 1 + shrink.1 % height))
}

const LAYOUTS: [PixelFormat; 8] = [
    Channels::Grey.eight_bit(),
    Channels::GreyAlpha.eight_bit(),
    Channels::Rgb.eight_bit(),
    Channels::Rgba.eight_bit(),
    Channels::Cmyk.eight_bit(),
    PixelFormat { channels: Channels::Grey, depth: Depth::Sixteen },
    PixelFormat { channels: Channels::Rgb, depth: Depth::Sixteen },
    PixelFormat { channels: Channels::Rgba, depth: Depth::Sixteen },
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn strips_and_whole_frames_agree_to_a_level(
        (width, height) in prop_oneof![(1..40u32, 1..40u32), (1..700u32, 1..500u32)],
        crop in (any::<u32>(), any::<u32>(), any::<u32>(), any::<u32>()),
        shrink in (any::<u32>(), any::<u32>()),
        is_whole in any::<bool>(),
        pixel_format in prop::sample::select(&LAYOUTS[..]),
        chunks in prop::collection::vec(1..40usize, 1..4),
        seed in any::<u32>(),
    ) {
        let sides = Size::new(width, height);
        let bytes = noise((width as usize * height as usize) * pixel_format.pixel_bytes(), seed);
        let frame = PixelBuffer::new(sides, pixel_format, bytes);
        let (region, size) = if is_whole {
            (Region::whole(sides), Size::new(1 + shrink.0 % width, 1 + shrink.1 % height))
        } else {
            place(sides, crop, shrink)
        };
        let actual = streamed(PixelBuffer::new(sides, pixel_format, frame.bytes.clone()), region, size, &chunks);
        let expected = whole(frame, region, size);
        assert_alike(&actual, &expected, pixel_format)?;
    }
}

fn assert_alike(
    actual: &[u8],
    expected: &[u8],
    pixel_format: PixelFormat,
) -> Result<(), TestCaseError> {
    prop_assert_eq!(actual.len(), expected.len());
    let levels = |bytes: &[u8]| -> Vec<i64> {
        match pixel_format.depth {
            Depth::Eight => bytes.iter().map(|&level| level.into()).collect(),
            Depth::Sixteen => {
                bytes.as_chunks().0.iter().map(|&two| u16::from_ne_bytes(two).into()).collect()
            }
        }
    };
    // 16 bits are compared in levels of 8.
    let (full, level) = if pixel_format.depth == Depth::Eight { (255, 1) } else { (65_535, 257) };
    let channels = pixel_format.channels.count();
    let (actual, expected) = (levels(actual), levels(expected));
    let mut further_apart = 0;
    for (actual, expected) in actual.chunks(channels).zip(expected.chunks(channels)) {
        let colours = channels - usize::from(pixel_format.channels.has_alpha());
        // What is all but invisible may be of any colour: alpha divides what was rounded.
        let weight = |pixel: &[i64]| if colours < channels { pixel[colours] } else { full };
        for at in 0..colours {
            let seen = |pixel: &[i64]| pixel[at] * weight(pixel) / full;
            let apart = (seen(actual) - seen(expected)).abs();
            let allowed = level + i64::from(colours < channels) * level;
            prop_assert!(apart <= allowed + level, "{actual:?} {expected:?}");
            further_apart += usize::from(apart > allowed);
        }
        let apart = (weight(actual) - weight(expected)).abs();
        prop_assert!(apart <= 2 * level);
        further_apart += usize::from(apart > level);
    }
    // Both round between their passes, of which each takes another first: now and then, in noise, that adds up to two.
    prop_assert!(further_apart <= 1 + actual.len() / 1000, "{further_apart} of {}", actual.len());
    Ok(())
}

#[test]
fn rows_below_the_region_are_never_pulled() {
    struct Until(u32, PixelBuffer);
    impl Rows for Until {
        fn size(&self) -> Size {
            self.1.size()
        }
        fn pixel_format(&self) -> PixelFormat {
            self.1.pixel_format()
        }
        fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
            let rows = u32::try_from(out.len() / self.stride()).unwrap();
            self.0 = self.0.checked_sub(rows).expect("a row below the region was pulled");
            self.1.read(out)
        }
    }
    let frame =
        PixelBuffer::new(Size::new(40, 400), Channels::Rgb.eight_bit(), vec![7; 40 * 400 * 3]);
    let crop = Rect { x: 0, y: 100, size: Size::new(40, 50) };
    // Half the size reaches six rows beyond it, and one more is kept for good measure.
    let rows = Until(100 + 50 + 7, frame);
    let part = CroppedRows { rows: Box::new(rows), region: Region::at_full_scale(crop) };
    let mut resized = resize_part(part, Size::new(20, 25));
    let mut out = vec![0; 20 * 25 * 3];
    resized.read(&mut out).unwrap();
    assert_eq!(out, vec![7; 20 * 25 * 3]);
}
