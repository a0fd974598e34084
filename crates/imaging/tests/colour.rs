//! Colours are converted to sRGB: profiles are applied, and 16 bits are kept until the end.

#![allow(clippy::unwrap_used)]

mod support;

use imaging::{Format, Size};
use moxcms::ColorProfile;
use png::{BitDepth, ColorType, Info};
use support::{animated_webp, picture, rendition};

const SIZE: Size = Size::new(32, 24);

/// Colours of Display P3, inside and far outside of sRGB.
const P3: [[u8; 3]; 6] = [[128, 128, 128], [200, 100, 50], [60, 140, 90], [255, 0, 0], [0, 255, 0], [30, 60, 240]];

/// Converts Display P3 to sRGB by its definition: linear light, then other primaries (both white points are D65), then
/// clamped to sRGB.
fn p3_to_srgb(p3: [u8; 3]) -> [u8; 3] {
    const PRIMARIES: [[f64; 3]; 3] =
        [[1.224_940_1, -0.224_940_4, 0.0], [-0.042_056_9, 1.042_057_1, 0.0], [-0.019_637_6, -0.078_636_1, 1.098_273_5]];
    let linear = p3.map(|level| {
        let level = f64::from(level) / 255.0;
        if level <= 0.040_45 { level / 12.92 } else { ((level + 0.055) / 1.055).powf(2.4) }
    });
    PRIMARIES.map(|row| {
        let light: f64 = row.iter().zip(linear).map(|(weight, light)| weight * light).sum();
        let light = light.clamp(0.0, 1.0);
        let level = if light <= 0.003_130_8 { light * 12.92 } else { 1.055 * light.powf(1.0 / 2.4) - 0.055 };
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // within 0–255
        let level = (level * 255.0).round() as u8;
        level
    })
}

fn png(colours: ColorType, depth: BitDepth, profile: Option<Vec<u8>>, row: &[u8]) -> Vec<u8> {
    let mut info = Info::with_size(SIZE.width, SIZE.height);
    info.color_type = colours;
    info.bit_depth = depth;
    info.icc_profile = profile.map(Into::into);
    let mut png = Vec::new();
    let mut writer = png::Encoder::with_info(&mut png, info).unwrap().write_header().unwrap();
    writer.write_image_data(&row.repeat(SIZE.height as usize)).unwrap();
    writer.finish().unwrap();
    png
}

fn flat_png(colour: &[u8], colours: ColorType, depth: BitDepth, profile: Option<Vec<u8>>) -> Vec<u8> {
    png(colours, depth, profile, &colour.repeat(SIZE.width as usize))
}

fn display_p3() -> Vec<u8> {
    ColorProfile::new_display_p3().encode().unwrap()
}

fn assert_colour(source: &[u8], expected: [u8; 3], tolerance: u8) {
    for json in [r#""format": "png""#, r#""width": 10, "format": "png""#] {
        let rendition = picture(&rendition(source, json).1, Format::Png).into_rgb8();
        for pixel in rendition.pixels() {
            let is_close = pixel.0.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= tolerance);
            assert!(is_close, "{json}: {:?}, expected {expected:?}", pixel.0);
        }
    }
}

#[test]
fn wide_colours_of_a_png_are_converted_as_defined() {
    for p3 in P3 {
        let eight = flat_png(&p3, ColorType::Rgb, BitDepth::Eight, Some(display_p3()));
        assert_colour(&eight, p3_to_srgb(p3), 2);
        let alpha = [p3.as_slice(), &[255]].concat();
        let with_alpha = flat_png(&alpha, ColorType::Rgba, BitDepth::Eight, Some(display_p3()));
        assert_colour(&with_alpha, p3_to_srgb(p3), 2);
        let wide: Vec<u8> = p3.iter().flat_map(|&level| [level, level]).collect();
        let sixteen = flat_png(&wide, ColorType::Rgb, BitDepth::Sixteen, Some(display_p3()));
        assert_colour(&sixteen, p3_to_srgb(p3), 2);
    }
}

#[test]
fn wide_colours_of_a_jpeg_are_converted_as_defined() {
    for p3 in P3 {
        let flat = flat_png(&p3, ColorType::Rgb, BitDepth::Eight, None);
        let (_, jpeg) = rendition(&flat, r#""format": "jpeg", "quality": 100"#);
        let segment = [b"ICC_PROFILE\0\x01\x01".as_slice(), &display_p3()].concat();
        let len = u16::try_from(segment.len() + 2).unwrap().to_be_bytes();
        let tagged = [&jpeg[..2], &[0xFF, 0xE2], &len, &segment, &jpeg[2..]].concat();
        assert_colour(&tagged, p3_to_srgb(p3), 4);
    }
}

#[test]
fn wide_colours_of_a_webp_are_converted_as_defined() {
    for p3 in P3 {
        let flat = flat_png(&p3, ColorType::Rgb, BitDepth::Eight, None);
        let (_, webp) = rendition(&flat, r#""format": "webp", "lossless": true"#);
        let profile = display_p3();
        let mut tagged = b"RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\x20\0\0\0\x1F\0\0\x17\0\0ICCP".to_vec();
        tagged.extend(u32::try_from(profile.len()).unwrap().to_le_bytes());
        tagged.extend(&profile);
        tagged.extend(vec![0; profile.len() % 2]);
        tagged.extend(&webp[12..]);
        let riff_len = u32::try_from(tagged.len() - 8).unwrap();
        tagged[4..8].copy_from_slice(&riff_len.to_le_bytes());
        assert_colour(&tagged, p3_to_srgb(p3), 2);
    }
}

#[test]
fn every_frame_of_an_animation_is_converted() {
    const ANIMATED: &str = r#""format": "webp", "lossless": true, "animated": true"#;
    let mut gif = Vec::new();
    let mut encoder = gif::Encoder::new(&mut gif, 4, 4, P3.as_flattened()).unwrap();
    for index in 0..P3.len() {
        let buffer = vec![u8::try_from(index).unwrap(); 16].into();
        let frame = gif::Frame { width: 4, height: 4, buffer, delay: 5, ..Default::default() };
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    let (_, webp) = rendition(&gif, ANIMATED);
    let profile = display_p3();
    let profile_len = u32::try_from(profile.len()).unwrap().to_le_bytes();
    let padding = vec![0; profile.len() % 2];
    let (vp8x, rest) = webp.split_at(30);
    let mut tagged = [vp8x, b"ICCP", &profile_len, &profile, &padding, rest].concat();
    tagged[20] |= 0x20; // the flag of VP8X for a profile
    let riff_len = u32::try_from(tagged.len() - 8).unwrap();
    tagged[4..8].copy_from_slice(&riff_len.to_le_bytes());

    let (_, converted) = rendition(&tagged, ANIMATED);
    let frames = animated_webp::read(&converted).unwrap().frames;
    assert_eq!(frames.len(), P3.len());
    for ((canvas, _), p3) in frames.iter().zip(P3) {
        let [r, g, b, _] = canvas.get_pixel(2, 2).0;
        for (found, expected) in [r, g, b].into_iter().zip(p3_to_srgb(p3)) {
            assert!(found.abs_diff(expected) <= 2, "{p3:?}: {:?}", [r, g, b]);
        }
    }
}

#[test]
fn grey_with_another_gamma_is_converted_to_srgb() {
    let linear = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let source = flat_png(&[55], ColorType::Grayscale, BitDepth::Eight, Some(linear));
    // In sRGB, level 128 has 55 / 255 of the light.
    assert_colour(&source, [128; 3], 2);
}

#[test]
fn a_profile_for_other_channels_is_ignored() {
    let grey = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
    let source = flat_png(&[200, 100, 50], ColorType::Rgb, BitDepth::Eight, Some(grey));
    assert_colour(&source, [200, 100, 50], 0);
}

#[test]
fn a_picture_with_a_damaged_profile_is_still_rendered() {
    let profile = display_p3();
    for at in (0..profile.len()).step_by(7) {
        let mut damaged = profile.clone();
        damaged[at] ^= 0xFF;
        for profile in [damaged, profile[..at].to_vec()] {
            let source = flat_png(&[9, 99, 199], ColorType::Rgb, BitDepth::Eight, Some(profile));
            assert_eq!(rendition(&source, r#""format": "png""#).0.size, SIZE);
        }
    }
}

#[test]
fn sixteen_bits_are_rounded_only_at_the_end() {
    // Alternating levels of 100.70 and 100.23; the average is 100.47.
    let row: Vec<u8> =
        (0..SIZE.width).flat_map(|x| (100 * 257 + if x % 2 == 0 { 180 } else { 60u16 }).to_be_bytes()).collect();
    let source = png(ColorType::Grayscale, BitDepth::Sixteen, None, &row);
    let (_, bytes) = rendition(&source, r#""width": 4, "format": "png""#);
    let rendition = picture(&bytes, Format::Png).into_luma8();
    // If rounded before resizing, the levels would alternate between 101 and 100, and the average would be 100.5.
    assert!(rendition.pixels().all(|pixel| pixel.0 == [100]), "{:?}", rendition.as_raw());
}

#[test]
fn grey_stays_grey() {
    let source = flat_png(&[77], ColorType::Grayscale, BitDepth::Eight, None);
    let (_, png) = rendition(&source, r#""format": "png""#);
    assert_eq!(png[25], 0, "the colour type of the PNG is greyscale");
    let (_, jpeg) = rendition(&source, r#""format": "jpeg", "quality": 100"#);
    let frame = jpeg.windows(2).position(|marker| marker == [0xFF, 0xC0]).unwrap();
    assert_eq!(jpeg[frame + 9], 1, "the JPEG has one component");
    let (_, webp) = rendition(&source, r#""format": "webp", "lossless": true"#);
    assert!(picture(&webp, Format::Webp).into_rgb8().pixels().all(|pixel| pixel.0 == [77; 3]));
}
