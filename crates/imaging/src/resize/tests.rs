//! Resizing in strips gives the same pixels as resizing the whole picture at once.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use resample::{Crop, Resampler};

use super::strip::pixel_slice;
use super::*;
use crate::RenderError;
use crate::geometry::Rect;
use crate::raster::{Channels, Depth, FixedPixelSize, PixelBuffer, PixelFormat};

/// Resizes the whole picture at once, vertically first.
fn resize_at_once(buffer: PixelBuffer, region: Region, size: Size) -> Vec<u8> {
    let PixelBuffer { size: source_size, mut bytes, pixel_format, .. } = buffer;
    let needs_alpha = pixel_format.channels.has_alpha() && !region.has_size(size);
    if needs_alpha {
        resample::premultiply_alpha(pixel_slice(pixel_format, source_size, &mut bytes)).unwrap();
    }
    let shortened_size = Size::new(source_size.width, size.height);
    let (top, height) = (region.top, region.height);
    let rows = Crop { left: 0.0, top, width: source_size.width.into(), height };
    let mut shortened = resampled(pixel_format, (source_size, &mut bytes), rows, shortened_size);
    let (left, width) = (region.left, region.width);
    let columns = Crop { left, top: 0.0, width, height: size.height.into() };
    let mut resized = resampled(pixel_format, (shortened_size, &mut shortened), columns, size);
    if needs_alpha {
        resample::divide_alpha(pixel_slice(pixel_format, size, &mut resized)).unwrap();
    }
    resized
}

fn resampled(pixel_format: PixelFormat, (source_size, source): (Size, &mut [u8]), crop: Crop, size: Size) -> Vec<u8> {
    let mut out = vec![0; size.width as usize * size.height as usize * pixel_format.pixel_bytes()];
    let from = pixel_slice(pixel_format, source_size, source);
    let to = pixel_slice(pixel_format, size, &mut out);
    Resampler::default().resize(from, crop, to).unwrap();
    out
}

/// Resizes in strips. Reads as many rows at a time as `chunks` says, over and over.
fn resize_in_strips(buffer: PixelBuffer, region: Region, size: Size, chunks: &[usize]) -> Vec<u8> {
    let mut rows = resize_rows(RowsToCrop { rows: Box::new(buffer), region }, size);
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

/// A region of a picture of `source_size`, and a size that is not larger than the region.
fn region_and_size(source_size: Size, crop: (u32, u32, u32, u32), shrink: (u32, u32)) -> (Region, Size) {
    let part = |side: u32, at: u32, span: u32| {
        let start = at % side;
        (start, 1 + span % (side - start))
    };
    let ((x, width), (y, height)) = (part(source_size.width, crop.0, crop.2), part(source_size.height, crop.1, crop.3));
    let region = Region::at_full_scale(Rect { x, y, size: Size::new(width, height) });
    (region, Size::new(1 + shrink.0 % width, 1 + shrink.1 % height))
}

const PIXEL_FORMATS: [PixelFormat; 8] = [
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
    fn resizing_in_strips_and_at_once_agree_within_a_level(
        (width, height) in prop_oneof![(1..40u32, 1..40u32), (1..700u32, 1..500u32)],
        crop in (any::<u32>(), any::<u32>(), any::<u32>(), any::<u32>()),
        shrink in (any::<u32>(), any::<u32>()),
        is_whole in any::<bool>(),
        pixel_format in prop::sample::select(&PIXEL_FORMATS[..]),
        chunks in prop::collection::vec(1..40usize, 1..4),
        seed in any::<u32>(),
    ) {
        let source_size = Size::new(width, height);
        let bytes = noise((width as usize * height as usize) * pixel_format.pixel_bytes(), seed);
        let buffer = || PixelBuffer::new(source_size, pixel_format, bytes.clone());
        let (region, size) = if is_whole {
            (Region::whole(source_size), Size::new(1 + shrink.0 % width, 1 + shrink.1 % height))
        } else {
            region_and_size(source_size, crop, shrink)
        };
        let actual = resize_in_strips(buffer(), region, size, &chunks);
        let expected = resize_at_once(buffer(), region, size);
        assert_similar(&actual, &expected, pixel_format)?;
    }
}

fn assert_similar(actual: &[u8], expected: &[u8], pixel_format: PixelFormat) -> Result<(), TestCaseError> {
    prop_assert_eq!(actual.len(), expected.len());
    let levels = |bytes: &[u8]| -> Vec<i64> {
        match pixel_format.depth {
            Depth::Eight => bytes.iter().map(|&level| level.into()).collect(),
            Depth::Sixteen => bytes.as_chunks().0.iter().map(|&two| u16::from_ne_bytes(two).into()).collect(),
        }
    };
    // 16-bit samples are compared in steps of an 8-bit level.
    let (full, level) = if pixel_format.depth == Depth::Eight { (255, 1) } else { (65_535, 257) };
    let channels = pixel_format.channels.count();
    let (actual, expected) = (levels(actual), levels(expected));
    let mut outliers = 0;
    for (actual, expected) in actual.chunks(channels).zip(expected.chunks(channels)) {
        let colours = channels - usize::from(pixel_format.channels.has_alpha());
        // Colours are compared times alpha: dividing a rounded colour by a low alpha multiplies its error.
        let alpha = |pixel: &[i64]| if colours < channels { pixel[colours] } else { full };
        for at in 0..colours {
            let visible = |pixel: &[i64]| pixel[at] * alpha(pixel) / full;
            let difference = (visible(actual) - visible(expected)).abs();
            let allowed = level + i64::from(colours < channels) * level;
            prop_assert!(difference <= allowed + level, "{actual:?} {expected:?}");
            outliers += usize::from(difference > allowed);
        }
        let difference = (alpha(actual) - alpha(expected)).abs();
        prop_assert!(difference <= 2 * level);
        outliers += usize::from(difference > level);
    }
    // Both ways round between their two passes. In noise, the errors of both passes sometimes add up to two levels.
    prop_assert!(outliers <= 1 + actual.len() / 1000, "{outliers} of {}", actual.len());
    Ok(())
}

#[test]
fn rows_below_the_region_are_not_read() {
    /// Panics when more rows are read than allowed.
    struct LimitedRows {
        rows_left: u32,
        buffer: PixelBuffer,
    }
    impl Rows for LimitedRows {
        fn size(&self) -> Size {
            self.buffer.size()
        }
        fn pixel_format(&self) -> PixelFormat {
            self.buffer.pixel_format()
        }
        fn read(&mut self, out: &mut [u8]) -> Result<(), RenderError> {
            let rows = u32::try_from(out.len() / self.stride()).unwrap();
            self.rows_left = self.rows_left.checked_sub(rows).expect("no row below the region is read");
            self.buffer.read(out)
        }
    }
    let buffer = PixelBuffer::new(Size::new(40, 400), Channels::Rgb.eight_bit(), vec![7; 40 * 400 * 3]);
    let crop = Rect { x: 0, y: 100, size: Size::new(40, 50) };
    // At half the size, the filter reads six rows beyond the region, and `FilterWindow` adds one.
    let rows = LimitedRows { rows_left: 100 + 50 + 7, buffer };
    let cropped = RowsToCrop { rows: Box::new(rows), region: Region::at_full_scale(crop) };
    let mut resized = resize_rows(cropped, Size::new(20, 25));
    let mut out = vec![0; 20 * 25 * 3];
    resized.read(&mut out).unwrap();
    assert_eq!(out, vec![7; 20 * 25 * 3]);
}
