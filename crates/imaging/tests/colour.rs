//! Colours are converted to sRGB: profiles are applied, and 16 bits are kept until the end.

#![allow(clippy::unwrap_used)]

mod support;

use imaging::{Format, HdrTransfer, Size};
use moxcms::ColorProfile;
use png::{BitDepth, ColorType, Info};
use support::png_file::{SIGNATURE, chunk, compress, wrong_checksum};
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

/// Colours of eight pixels, in which Chromium's conversions differ.
const PIXELS: [[u8; 3]; 8] = [
    [200, 100, 50],
    [32, 32, 32],
    [128, 128, 128],
    [60, 140, 90],
    [255, 0, 0],
    [10, 10, 10],
    [0, 255, 0],
    [30, 60, 240],
];

/// A PNG of the eight colours with these chunks before its pixels, rendered.
fn eight_colours(before: &[u8]) -> Vec<[u8; 3]> {
    let sides = [8u32.to_be_bytes(), 1u32.to_be_bytes()].concat();
    let header = chunk(b"IHDR", &[&sides[..], &[8, 2, 0, 0, 0]].concat());
    let pixels = chunk(b"IDAT", &compress(&[&[0], PIXELS.as_flattened()].concat()));
    let png = [SIGNATURE, &header, before, &pixels, &chunk(b"IEND", b"")].concat();
    let (_, bytes) = rendition(&png, r#""format": "png""#);
    picture(&bytes, Format::Png).into_rgb8().pixels().map(|pixel| pixel.0).collect()
}

#[test]
fn the_colours_of_a_png_follow_the_precedence_of_the_third_edition() {
    const LINEAR: [u8; 6] = [229, 168, 122, 99, 99, 99];
    const LINEAR_P3: [u8; 6] = [240, 165, 114, 99, 99, 99];
    const P3: [u8; 6] = [215, 93, 31, 32, 32, 32];
    const GAMMA_22: [u8; 6] = [201, 100, 46, 26, 26, 26];
    const SRGB: [u8; 6] = [200, 100, 50, 32, 32, 32];
    let gamma = |gamma: u32| chunk(b"gAMA", &gamma.to_be_bytes());
    let primaries = |numbers: [u32; 8]| chunk(b"cHRM", &numbers.map(u32::to_be_bytes).concat());
    let srgb_primaries = primaries([31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000]);
    let p3_primaries = primaries([31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000]);
    let srgb = chunk(b"sRGB", &[0]);
    let numbers = chunk(b"cICP", &[12, 13, 0, 1]);
    let compressed = |profile: &[u8]| chunk(b"iCCP", &[b"name\0\0", &compress(profile)[..]].concat());
    let p3 = compressed(&display_p3());
    let cut = compressed(&display_p3()[..300]);
    let no_checksum = {
        let data = [b"name\0\0", &compress(&display_p3())[..]].concat();
        chunk(b"iCCP", &data[..data.len() - 4])
    };
    let with_more = chunk(b"iCCP", &[b"name\0\0", &compress(&display_p3())[..], b"more"].concat());
    let grey = compressed(&ColorProfile::new_gray_with_gamma(1.0).encode().unwrap());
    let all = |chunks: &[&[u8]]| chunks.concat();
    // The first two colours, as Chromium 156 shows them.
    let cases: Vec<(&str, Vec<u8>, [u8; 6])> = vec![
        ("nothing", all(&[]), SRGB),
        ("numbers", all(&[&numbers]), P3),
        ("numbers before all", all(&[&numbers, &srgb, &gamma(100_000)]), P3),
        ("numbers behind all", all(&[&gamma(100_000), &srgb, &numbers]), P3),
        ("numbers twice", all(&[&numbers, &chunk(b"cICP", &[1, 8, 0, 1])]), P3),
        ("limited range", all(&[&chunk(b"cICP", &[12, 13, 0, 0]), &gamma(100_000)]), LINEAR),
        ("unspecified numbers", all(&[&chunk(b"cICP", &[2, 2, 0, 1]), &p3]), P3),
        ("numbers of 5 bytes", all(&[&chunk(b"cICP", &[12, 13, 0, 1, 0]), &gamma(100_000)]), LINEAR),
        ("numbers with a wrong checksum", all(&[&wrong_checksum(numbers.clone())]), SRGB),
        ("a profile before sRGB", all(&[&p3, &srgb]), P3),
        ("a profile behind sRGB", all(&[&srgb, &p3]), P3),
        ("a profile and a gamma", all(&[&gamma(100_000), &p3]), P3),
        ("a profile with data behind it", all(&[&with_more]), P3),
        ("a profile without its checksum", all(&[&no_checksum, &gamma(100_000)]), LINEAR),
        ("a cut profile", all(&[&cut, &gamma(100_000)]), LINEAR),
        ("a profile with a wrong checksum", all(&[&wrong_checksum(p3.clone()), &gamma(100_000)]), LINEAR),
        ("a broken profile and sRGB", all(&[&compressed(b"broken"), &srgb, &gamma(100_000)]), SRGB),
        ("a profile for grey", all(&[&grey, &gamma(100_000)]), SRGB),
        ("sRGB", all(&[&srgb]), SRGB),
        ("sRGB and a gamma", all(&[&srgb, &gamma(100_000)]), SRGB),
        ("sRGB and primaries", all(&[&p3_primaries, &srgb]), SRGB),
        ("sRGB with an unknown intent", all(&[&chunk(b"sRGB", &[9]), &gamma(100_000)]), LINEAR),
        ("sRGB of two bytes", all(&[&chunk(b"sRGB", &[0, 0]), &gamma(100_000)]), LINEAR),
        ("sRGB with a wrong checksum", all(&[&wrong_checksum(srgb.clone()), &gamma(100_000)]), LINEAR),
        ("a gamma", all(&[&gamma(100_000)]), LINEAR),
        ("a gamma and primaries", all(&[&gamma(100_000), &p3_primaries]), LINEAR_P3),
        ("primaries before a gamma", all(&[&p3_primaries, &gamma(100_000)]), LINEAR_P3),
        ("a gamma and primaries that are none", all(&[&gamma(100_000), &primaries([0; 8])]), SRGB),
        ("primaries alone", all(&[&p3_primaries]), SRGB),
        ("a gamma twice", all(&[&gamma(100_000), &gamma(45_455)]), LINEAR),
        ("the gamma of sRGB", all(&[&gamma(45_455)]), SRGB),
        ("nearly the gamma of sRGB", all(&[&gamma(43_200)]), SRGB),
        // Programs such as ImageMagick write both. Browsers then apply a power function, which makes shadows darker.
        ("the gamma and the primaries of sRGB", all(&[&gamma(45_455), &srgb_primaries]), GAMMA_22),
        ("a gamma of 0", all(&[&gamma(0)]), SRGB),
    ];
    for (name, before, expected) in cases {
        let found = eight_colours(&before);
        let found = found[..2].as_flattened();
        assert!(found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 1), "{name}: {found:?}, not {expected:?}");
    }
}

#[test]
fn the_gamma_of_srgb_changes_no_pixel() {
    assert_eq!(eight_colours(&chunk(b"gAMA", &45_455u32.to_be_bytes())), PIXELS);
    assert_eq!(eight_colours(&chunk(b"sRGB", &[0])), PIXELS);
}

#[test]
fn numbers_and_the_brightest_pixel_of_a_png_set_its_tone_mapping() {
    let numbers = chunk(b"cICP", &[9, 16, 0, 1]);
    let peak = |nits: u32| chunk(b"cLLI", &[(nits * 10_000).to_be_bytes(), [0; 4]].concat());
    let display = |nits: u32| chunk(b"mDCV", &[&[0; 16], &(nits * 10_000).to_be_bytes()[..], &[0; 4]].concat());
    // Middle grey is PQ level 128 / 255, which is 92 cd/m².
    let all = |chunks: &[&[u8]]| chunks.concat();
    let cases: [(&str, Vec<u8>, u8); 6] = [
        ("no peak", all(&[&numbers]), 131),
        ("a peak of 0", all(&[&numbers, &peak(0)]), 131),
        ("a peak", all(&[&numbers, &peak(400)]), 162),
        ("a peak before", all(&[&peak(400), &numbers]), 162),
        ("a display", all(&[&numbers, &display(400)]), 162),
        ("the pixel, not the display", all(&[&numbers, &display(4000), &peak(400)]), 162),
    ];
    for (name, before, expected) in cases {
        let [red, green, blue] = eight_colours(&before)[2];
        assert!(red == green && green == blue && red.abs_diff(expected) <= 1, "{name}: {red} {green} {blue}");
    }
    let hdr = |before: &[u8]| {
        let png = support::png_file::rgb_with(before);
        rendition(&png, r#""format": "png""#).0.tone_mapped
    };
    assert_eq!(hdr(&numbers), Some(HdrTransfer::Pq));
    assert_eq!(hdr(&chunk(b"cICP", &[9, 18, 0, 1])), Some(HdrTransfer::Hlg));
    assert_eq!(hdr(&chunk(b"cICP", &[9, 14, 0, 1])), None);
}

#[test]
fn pngs_of_other_programs_have_the_colours_that_browsers_show() {
    let colour = |source: &[u8]| {
        let (_, bytes) = rendition(source, r#""format": "png""#);
        picture(&bytes, Format::Png).into_rgb8().get_pixel(5, 5).0
    };
    let cases: [(&str, &[u8], [u8; 3]); 2] = [
        ("gAMA 1", include_bytes!("pictures/png-gama-1.png"), [200, 38, 38]),
        ("sRGB and iCCP", include_bytes!("pictures/png-srgb-and-iccp.png"), [40, 200, 40]),
    ];
    for (name, source, expected) in cases {
        let found = colour(source);
        assert!(found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 2), "{name}: {found:?}");
    }
}
