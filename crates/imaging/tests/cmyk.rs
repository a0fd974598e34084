//! CMYK becomes sRGB: with a profile as printing software shows it, without one as browsers do.

#![allow(clippy::unwrap_used)]

mod support;

use imaging::{Format, Size};
use mozjpeg::{ColorSpace, Compress};
use support::{picture, rendition};

const SIZE: Size = Size::new(16, 16);

/// Inks: 255 is full ink.
type Inks = [u8; 4];

const FULL: Inks = [255; 4];
const BLACK: Inks = [0, 0, 0, 255];
const PAPER: Inks = [0; 4];

/// A JPEG of one colour, stored inverted, as Adobe's software does.
fn jpeg(inks: Inks, stored: ColorSpace) -> Vec<u8> {
    let mut jpeg = Compress::new(ColorSpace::JCS_CMYK);
    jpeg.set_fastest_defaults();
    jpeg.set_size(SIZE.width as usize, SIZE.height as usize);
    jpeg.set_quality(100.0);
    jpeg.set_color_space(stored);
    let mut jpeg = jpeg.start_compress(Vec::new()).unwrap();
    jpeg.write_scanlines(&inks.map(|ink| !ink).repeat((SIZE.width * SIZE.height) as usize)).unwrap();
    jpeg.finish().unwrap()
}

fn with_profile(jpeg: &[u8], profile: &[u8]) -> Vec<u8> {
    let segment = [b"ICC_PROFILE\0\x01\x01".as_slice(), profile].concat();
    let len = u16::try_from(segment.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE2], &len, &segment, &jpeg[2..]].concat()
}

/// Removes the segment that says "Adobe".
fn without_adobe(jpeg: &[u8]) -> Vec<u8> {
    let at = jpeg.windows(2).position(|two| two == [0xFF, 0xEE]).unwrap();
    [&jpeg[..at], &jpeg[at + 16..]].concat()
}

fn colour(source: &[u8]) -> [u8; 3] {
    let (_, bytes) = rendition(source, r#""format": "png""#);
    picture(&bytes, Format::Png).into_rgb8().get_pixel(8, 8).0
}

#[track_caller]
fn assert_colour(name: &str, source: &[u8], expected: [u8; 3], tolerance: u8) {
    let found = colour(source);
    let is_close = found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= tolerance);
    assert!(is_close, "{name}: {found:?}, expected {expected:?}");
}

/// A profile whose only table has this name. Its paper is white, its black ink has a lightness of L* = 20, and all inks
/// together of 15. Between, it is linear in L*.
fn profile(table: &[u8; 4]) -> Vec<u8> {
    let lightness = |corner: usize| match corner {
        0 => 255u8,
        0b0001 => 51, // black ink alone; black varies fastest
        0b1111 => 38,
        _ => 128,
    };
    let mut lut = b"mft1\0\0\0\0\x04\x03\x02\0".to_vec();
    for element in 0..9 {
        lut.extend(if element % 4 == 0 { 0x1_0000u32 } else { 0 }.to_be_bytes());
    }
    let identity: Vec<u8> = (0..=255).collect();
    lut.extend(identity.repeat(4));
    lut.extend((0..16).flat_map(|corner| [lightness(corner), 128, 128]));
    lut.extend(identity.repeat(3));

    let mut profile = vec![0; 128];
    profile[8] = 2;
    profile[12..24].copy_from_slice(b"prtrCMYKLab ");
    profile[36..40].copy_from_slice(b"acsp");
    // The header asks for the colorimetric intent, which is not followed.
    profile[67] = 1;
    profile[68..80].copy_from_slice(&[0, 0, 0xF6, 0xD6, 0, 1, 0, 0, 0, 0, 0xD3, 0x2D]);
    profile.extend([0, 0, 0, 1]);
    profile.extend(table);
    profile.extend(144u32.to_be_bytes());
    profile.extend(u32::try_from(lut.len()).unwrap().to_be_bytes());
    profile.extend(lut);
    let len = u32::try_from(profile.len()).unwrap().to_be_bytes();
    profile[..4].copy_from_slice(&len);
    profile
}

#[test]
fn with_a_profile_the_darkest_ink_is_black_and_paper_is_white() {
    // The perceptual table, and the colorimetric one if there is no other.
    for table in [b"A2B0", b"A2B1"] {
        let profile = profile(table);
        let source = |inks| with_profile(&jpeg(inks, ColorSpace::JCS_CMYK), &profile);
        let name = std::str::from_utf8(table).unwrap();
        assert_colour(name, &source(FULL), [0; 3], 4);
        assert_colour(name, &source(PAPER), [255; 3], 1);
        // L* = 20 is 0.0299 of the light, and L* = 15 is 0.0191. Compensated, 0.0110 are left, which is level 27.
        // Without compensation it would be level 48.
        assert_colour(name, &source(BLACK), [27; 3], 4);
    }
}

#[test]
fn without_a_profile_each_ink_is_multiplied_by_black() {
    for (inks, expected) in [
        (FULL, [0; 3]),
        (BLACK, [0; 3]),
        (PAPER, [255; 3]),
        ([255, 0, 0, 0], [0, 255, 255]),
        ([0, 0, 255, 0], [255, 255, 0]),
        ([0, 0, 0, 128], [127; 3]),
        ([64, 32, 200, 40], [161, 188, 46]),
    ] {
        assert_colour(&format!("{inks:?}"), &jpeg(inks, ColorSpace::JCS_CMYK), expected, 2);
    }
}

#[test]
fn ycck_and_cmyk_without_adobes_segment_are_the_same_colours() {
    for inks in [FULL, BLACK, PAPER, [64, 32, 200, 40], [255, 0, 0, 0]] {
        let cmyk = jpeg(inks, ColorSpace::JCS_CMYK);
        let expected = colour(&cmyk);
        assert_colour(&format!("YCCK, {inks:?}"), &jpeg(inks, ColorSpace::JCS_YCCK), expected, 3);
        assert_eq!(colour(&without_adobe(&cmyk)), expected, "{inks:?}");
    }
}

#[test]
fn a_broken_or_foreign_profile_is_ignored() {
    let cmyk = jpeg([64, 32, 200, 40], ColorSpace::JCS_CMYK);
    let expected = colour(&cmyk);
    let whole = profile(b"A2B0");
    let foreign = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    for profile in [&whole[..200], &whole[..whole.len() - 1000], &foreign, &profile(b"A2B7")] {
        assert_eq!(colour(&with_profile(&cmyk, profile)), expected);
    }
}
