//! The entropy decoding of our own against libjpeg's.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::raster::Rows;
use crate::{Orientation, chart};

fn encoded(size: Size, quality: u8, chroma: (u8, u8), noise: u32) -> Vec<u8> {
    let mut jpeg = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    jpeg.set_fastest_defaults();
    jpeg.set_size(size.width as usize, size.height as usize);
    jpeg.set_quality(quality.into());
    jpeg.set_chroma_sampling_pixel_sizes(chroma, chroma);
    // Optimised tables have codes of every length.
    jpeg.set_optimize_coding(noise.is_multiple_of(2));
    let mut state = noise | 1;
    let mut pixels = chart::rgb(size);
    for level in &mut pixels {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        *level ^= state.to_le_bytes()[3] & noise.to_le_bytes()[0];
    }
    let mut jpeg = jpeg.start_compress(Vec::new()).unwrap();
    jpeg.write_scanlines(&pixels).unwrap();
    jpeg.finish().unwrap()
}

fn decoded(jpeg: &[u8], crop: Rect, size: Size) -> Raster<'_> {
    let (_, source) = Source::open(jpeg).unwrap();
    decode(source, crop, size).unwrap().picture
}

fn all(rows: &mut dyn Rows) -> Vec<u8> {
    let mut out = vec![0; rows.stride() * rows.size().height as usize];
    rows.read(&mut out).unwrap();
    out
}

/// Every block's mean, by libjpeg.
fn means(jpeg: &[u8]) -> Vec<u8> {
    let mut jpeg = mozjpeg::Decompress::new_mem(jpeg).unwrap();
    jpeg.scale(1);
    jpeg.grayscale().unwrap().read_scanlines().unwrap()
}

/// Of a rendition that needs no more: all but the means is passed over.
fn means_are_libjpegs(jpeg: &[u8], size: Size) {
    let small = Size::new(size.width / 12, size.height / 12);
    match decoded(jpeg, Rect::whole(size), small) {
        Raster::Ycc([mut plane, ..], _) => {
            assert!(all(&mut *plane.rows) == means(jpeg), "{size}: luma differs");
        }
        Raster::Packed(_) => panic!("{size}: not decoded in planes"),
    }
}

/// A grey picture of 64×64 px, whose codes are all of one bit, which is 0.
fn flat(sampling: [u8; 3]) -> Vec<u8> {
    let code = |class| [&[0xFF, 0xC4, 0, 20, class, 1][..], &[0; 16]].concat();
    let mut jpeg = [&[0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0][..], &[1; 64]].concat();
    jpeg.extend([code(0), code(0x10)].concat());
    let [a, b, c] = sampling;
    jpeg.extend([0xFF, 0xC0, 0, 17, 8, 0, 64, 0, 64, 3, 1, a, 0, 2, b, 0, 3, c, 0]);
    jpeg.extend([0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0]);
    // The mean of each block, and the end of its coefficients.
    jpeg.extend([0; 64 * 3 * 2 / 8]);
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

#[test]
fn ten_blocks_are_an_mcu_and_twelve_are_refused_as_libjpeg_does() {
    let pixels = |sampling| {
        let jpeg = flat(sampling);
        let mut rendition = Vec::new();
        let spec = serde_json::from_str(r#"{"name": "a", "format": "png"}"#).unwrap();
        crate::render(jpeg.as_slice(), &spec, &mut rendition)
    };
    assert!(pixels([0x22, 0x22, 0x12]).is_ok());
    for twelve_or_more in [[0x22; 3], [0x44, 0x11, 0x11], [0x24, 0x22, 0x11]] {
        let refused = pixels(twelve_or_more).unwrap_err().to_string();
        assert!(refused.contains("too large for interleaved scan"), "{refused}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    /// One bit wrong in any component's codes, and all that follows would differ.
    #[test]
    fn means_are_what_libjpeg_makes_of_them(
        (width, height) in (12..150u32, 12..150u32),
        quality in 1..=100u8,
        chroma in prop::sample::select(&[(1, 1), (2, 1), (1, 2), (2, 2)][..]),
        noise in any::<u32>(),
    ) {
        let size = Size::new(width, height);
        means_are_libjpegs(&encoded(size, quality, chroma, noise), size);
    }

    #[test]
    fn colours_that_are_not_subsampled_are_libjpegs_to_the_bit(
        (width, height) in (1..100u32, 1..100u32),
        quality in 1..=100u8,
        noise in any::<u32>(),
    ) {
        let size = Size::new(width, height);
        let jpeg = encoded(size, quality, (1, 1), noise);
        let picture = decoded(&jpeg, Rect::whole(size), size);
        prop_assert!(matches!(picture, Raster::Ycc(..)));
        let expected: Vec<u8> =
            mozjpeg::Decompress::new_mem(&jpeg).unwrap().rgb().unwrap().read_scanlines().unwrap();
        prop_assert!(all(&mut *crate::resize::resize(picture, size)) == expected);
    }

    #[test]
    fn what_lies_outside_a_crop_changes_nothing_within(
        (x, y) in (0..500u32, 0..400u32),
        (width, height) in (40..300u32, 40..300u32),
        shrink in 1..12u32,
    ) {
        let stored = Size::new(640, 480);
        let jpeg = encoded(stored, 80, (1, 1), 0);
        let kept = Size::new(width.min(stored.width - x), height.min(stored.height - y));
        let crop = Rect { x, y, size: kept };
        let size = Size::new(1 + (kept.width - 1) / (shrink + 1), 1 + (kept.height - 1) / (shrink + 1));
        let Raster::Ycc([cut, ..], _) = decoded(&jpeg, crop, size) else { panic!("not in planes") };
        // Of the same shape and scale, but all of the picture.
        let scale = scale(kept, size, GAP).eighths();
        let mut whole = mozjpeg::Decompress::new_mem(&jpeg).unwrap();
        prop_assume!(scale == 8);
        whole.scale(scale);
        let rows = whole.grayscale().unwrap().read_scanlines::<u8>().unwrap();
        let frame = crate::raster::PixelBuffer::new(stored, crate::raster::Channels::Grey.eight_bit(), rows);
        let part = CroppedRows { rows: Box::new(frame), region: Region::at_full_scale(crop) };
        let expected = all(&mut *crate::resize::resize(Raster::Packed(part), size));
        prop_assert!(cut.rows.size().pixels() <= stored.pixels());
        prop_assert!(all(&mut *crate::resize::resize(Raster::Packed(cut), size)) == expected);
    }
}

/// The buffer is filled several times, now and then while what is ready is more than an MCU has.
#[test]
fn a_large_smooth_picture_has_the_means_that_libjpeg_makes() {
    let size = Size::new(2828, 2121);
    means_are_libjpegs(&chart::jpeg(size, Orientation::UPRIGHT), size);
}

#[test]
fn restart_markers_are_passed() {
    // 70×50 px, 4:2:0, a restart after every MCU.
    let jpeg = include_bytes!("../../../tests/pictures/restarts.jpg");
    assert!(jpeg.windows(2).any(|two| two == [0xFF, 0xD7]), "restarts come round");
    means_are_libjpegs(jpeg, Size::new(70, 50));
}

#[test]
fn restart_markers_out_of_order_are_corrupt() {
    let mut jpeg = include_bytes!("../../../tests/pictures/restarts.jpg").to_vec();
    let third = jpeg.windows(2).position(|two| two == [0xFF, 0xD2]).unwrap();
    jpeg[third + 1] = 0xD3;
    let (_, source) = Source::open(jpeg.as_slice()).unwrap();
    let size = Size::new(70, 50);
    let picture = decode(source, Rect::whole(size), Size::new(5, 4)).unwrap().picture;
    let mut out = vec![0; 5 * 4 * 3];
    let read = crate::resize::resize(picture, Size::new(5, 4)).read(&mut out);
    assert!(matches!(read, Err(RenderError::Rejected(_))), "{read:?}");
}

#[test]
fn what_is_not_common_is_left_to_libjpeg() {
    let size = Size::new(64, 48);
    let baseline = chart::jpeg(size, Orientation::UPRIGHT);
    // Chroma of half the size would have to be enlarged.
    assert!(matches!(decoded(&baseline, Rect::whole(size), size), Raster::Packed(_)));
    let mut progressive = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    progressive.set_size(64, 48);
    progressive.set_progressive_mode();
    let mut progressive = progressive.start_compress(Vec::new()).unwrap();
    progressive.write_scanlines(&chart::rgb(size)).unwrap();
    let progressive = progressive.finish().unwrap();
    let quarter = Size::new(16, 12);
    assert!(matches!(decoded(&progressive, Rect::whole(size), quarter), Raster::Packed(_)));
    assert!(matches!(decoded(&baseline, Rect::whole(size), quarter), Raster::Ycc(..)));
}

#[test]
fn the_scale_leaves_enough_of_a_gap_and_no_more_than_it_must() {
    let cases = [
        // stored, target, n of n/8
        ((4000, 3000), (300, 225), 1),
        ((4000, 3000), (334, 250), 2), // 500 px are not 3/2 of 334
        ((4000, 3000), (333, 250), 1),
        ((4000, 3000), (800, 600), 3),
        ((4000, 3000), (1000, 750), 3),
        ((4000, 3000), (1001, 751), 4),
        ((4000, 3000), (1440, 1080), 8),
        ((4000, 100), (300, 13), 2), // the shorter side decides as well
        ((4000, 3000), (4000, 3000), 8),
        ((1, 1), (1, 1), 8),
    ];
    for ((sw, sh), (w, h), n) in cases {
        let scale = scale(Size::new(sw, sh), Size::new(w, h), GAP);
        assert_eq!(scale.eighths(), n, "{sw}×{sh} to {w}×{h}");
    }
}
