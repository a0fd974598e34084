//! AVIF as a source: the pictures in `pictures/avif/`, made by libavif, and those that we encode.
//!
//! Each picture has four quarters: red and green above blue and yellow, at 191 of 255 levels.

#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;

use image::{Rgba, RgbaImage};
use imaging::{Encoding, Format, Probe, RejectionCode, Size, chart, memory_needed};
use support::{assert_close, picture, rejection, rendition, spec, try_rendition};

const OPAQUE: u8 = 255;
const RED: [u8; 4] = [191, 0, 0, OPAQUE];
const GREEN: [u8; 4] = [0, 191, 0, OPAQUE];
const BLUE: [u8; 4] = [0, 0, 191, OPAQUE];
const YELLOW: [u8; 4] = [191, 191, 0, OPAQUE];
const QUARTERS: [[u8; 4]; 4] = [RED, GREEN, BLUE, YELLOW];

fn file(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pictures/avif");
    fs::read(folder.join(format!("{name}.avif"))).unwrap()
}

fn rendered(source: &[u8], json: &str) -> RgbaImage {
    let (rendered, bytes) = rendition(source, json);
    assert_eq!(rendered.source.format, Format::Avif);
    picture(&bytes, rendered.format).to_rgba8()
}

/// Compares the middle of each quarter. The colour of a transparent pixel does not matter.
#[track_caller]
fn assert_quarters(name: &str, seen: &RgbaImage, expected: [[u8; 4]; 4], tolerance: u8) {
    let (width, height) = seen.dimensions();
    let places = [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| (width * x / 4, height * y / 4));
    let found = places.map(|(x, y)| seen.get_pixel(x, y).0);
    let is_close = |found: [u8; 4], expected: [u8; 4]| {
        found.iter().zip(expected).all(|(found, expected)| found.abs_diff(expected) <= tolerance)
    };
    let all_close = found.iter().zip(expected).all(|(&found, expected)| is_close(found, expected));
    assert!(all_close, "{name}: found {found:?}, expected {expected:?}");
}

#[test]
fn every_layout_of_chroma_with_8_10_and_12_bits_shows_its_colours() {
    for chroma in [400, 420, 422, 444] {
        for bits in [8, 10, 12] {
            let name = format!("{bits}-bit-{chroma}");
            let seen = rendered(&file(&name), r#""format": "png""#);
            assert_eq!(seen.dimensions(), (63, 47), "{name}");
            let grey = [57, 112, 22, 169].map(|level| [level, level, level, OPAQUE]);
            assert_quarters(&name, &seen, if chroma == 400 { grey } else { QUARTERS }, 2);
        }
    }
}

/// At half of the size, luma and chroma are resized separately.
#[test]
fn a_smaller_rendition_shows_the_same_colours() {
    let names =
        ["8-bit-420", "10-bit-420", "12-bit-422", "10-bit-444", "8-bit-400", "alpha", "grid", "grid-of-ten-bits"];
    for name in names {
        let whole = rendered(&file(name), r#""format": "png""#);
        let width = whole.width() / 3;
        let small = rendered(&file(name), &format!(r#""format": "png", "width": {width}"#));
        let expected =
            image::imageops::resize(&whole, small.width(), small.height(), image::imageops::FilterType::Triangle);
        let middles = |seen: &RgbaImage| {
            let (width, height) = seen.dimensions();
            [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| seen.get_pixel(width * x / 4, height * y / 4).0)
        };
        assert_quarters(name, &small, middles(&expected), 3);
    }
}

#[test]
fn each_matrix_and_range_gives_the_colours_that_were_encoded() {
    for name in ["matrix-709-limited", "matrix-2020-limited", "matrix-identity", "matrix-ycgco"] {
        for json in [r#""format": "png""#, r#""format": "png", "width": 24"#] {
            assert_quarters(name, &rendered(&file(name), json), QUARTERS, 2);
        }
    }
}

#[test]
fn code_points_of_colours_are_converted_to_srgb() {
    // As Chromium shows them.
    let cases = [
        ("colours-display-p3", [[210, 0, 0], [0, 195, 0], [0, 0, 199], [191, 190, 0]], 4),
        ("colours-hlg", [[208, 0, 0], [0, 191, 0], [0, 0, 152], [192, 187, 0]], 8),
        ("colours-pq", [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]], 8),
    ];
    for (name, colours, tolerance) in cases {
        let expected = colours.map(|[red, green, blue]: [u8; 3]| [red, green, blue, OPAQUE]);
        for json in [r#""format": "png""#, r#""format": "png", "width": 24"#] {
            assert_quarters(name, &rendered(&file(name), json), expected, tolerance);
        }
    }
}

#[test]
fn alpha_is_a_picture_of_its_own_and_premultiplied_colours_are_divided_by_it() {
    let quarters = [[191, 0, 0, 255], [0, 191, 0, 128], [0, 0, 191, 40], [0, 0, 0, 0]];
    for name in ["alpha", "alpha-10-bit", "alpha-premultiplied"] {
        assert_quarters(name, &rendered(&file(name), r#""format": "png""#), quarters, 3);
    }
}

#[test]
fn rotation_mirroring_and_crop_are_applied_as_the_file_says() {
    let cases = [
        ("turned", (48, 64), [GREEN, YELLOW, RED, BLUE]),
        ("mirrored", (64, 48), [GREEN, RED, YELLOW, BLUE]),
        ("turned-and-mirrored", (48, 64), [YELLOW, GREEN, BLUE, RED]),
        ("cropped", (32, 24), [GREEN; 4]),
        ("cropped-and-turned", (20, 32), [GREEN; 4]),
    ];
    for (name, (width, height), quarters) in cases {
        let source = file(name);
        let Probe::Header(header) = imaging::probe(&source, source.len() as u64).unwrap() else { panic!("{name}") };
        assert_eq!(header.size, Size::new(width, height), "{name}");
        let seen = rendered(&source, r#""format": "png""#);
        assert_eq!(seen.dimensions(), (width, height), "{name}");
        assert_quarters(name, &seen, quarters, 2);
    }
}

#[test]
fn grids_tiles_and_film_grain_show_the_whole_picture() {
    for (name, tolerance) in [("grid", 2), ("grid-of-ten-bits", 2), ("tiles", 2), ("film-grain", 16)] {
        let seen = rendered(&file(name), r#""format": "png""#);
        assert_eq!(seen.dimensions(), (128, 128), "{name}");
        assert_quarters(name, &seen, QUARTERS, tolerance);
    }
}

#[test]
fn an_animated_picture_is_shown_as_its_primary_still() {
    let seen = rendered(&file("animated"), r#""format": "png""#);
    assert_quarters("animated", &seen, [[255, 255, 0, OPAQUE]; 4], 2);
    let (rendered, _) = rendition(&file("animated"), r#""format": "webp", "animated": true"#);
    assert_eq!(rendered.frames, 1);
}

#[test]
fn a_picture_that_we_encoded_is_read_as_it_was() {
    for size in [Size::new(320, 240), Size::new(161, 121)] {
        let original = RgbaImage::from_fn(size.width, size.height, {
            let rgb = chart::rgb(size);
            move |x, y| {
                let at = 3 * (y as usize * size.width as usize + x as usize);
                Rgba([rgb[at], rgb[at + 1], rgb[at + 2], OPAQUE])
            }
        });
        let png = chart::encoded(size, Encoding::Png);
        let (made, avif) = rendition_without_pillow(&png, r#""format": "avif", "quality": 95"#);
        assert_eq!(made, size);
        let seen = rendered(&avif, r#""format": "png""#);
        assert_close(&format!("avif {size}"), &seen.into(), &original.into(), 3.0, 255);
    }
}

/// AVIF renditions are checked with Pillow elsewhere. Here, our own decoder reads them.
fn rendition_without_pillow(source: &[u8], json: &str) -> (Size, Vec<u8>) {
    let mut out = Vec::new();
    let rendered = imaging::render(source, &spec(json), &mut out).unwrap();
    (rendered.size, out)
}

#[test]
fn the_format_source_keeps_avif() {
    let mut out = Vec::new();
    let rendered = imaging::render(file("alpha").as_slice(), &spec(r#""format": "source""#), &mut out).unwrap();
    assert_eq!(rendered.format, Format::Avif);
    let seen = self::rendered(&out, r#""format": "png""#);
    assert_quarters("alpha", &seen, [[191, 0, 0, 255], [0, 191, 0, 128], [0, 0, 191, 40], [0, 0, 0, 0]], 8);
}

#[test]
fn a_file_that_ends_anywhere_is_rejected() {
    for name in ["10-bit-420", "alpha", "grid", "film-grain"] {
        let source = file(name);
        for len in 1..source.len() {
            match try_rendition(&source[..len], r#""format": "png""#) {
                Err(imaging::RenderError::Rejected(_)) => {}
                // The end of the last frame can be missing without a trace: the decoder reads zeros there.
                Ok(_) if len + 8 > source.len() => {}
                other => panic!("{name} of {len} bytes: {:?}", other.map(|(rendered, _)| rendered)),
            }
        }
    }
}

#[test]
fn a_file_with_any_byte_changed_is_a_picture_or_a_rejection() {
    for name in ["8-bit-420", "alpha-10-bit", "grid", "turned-and-mirrored"] {
        let source = file(name);
        for at in 0..source.len() {
            for change in [0x01, 0x80, 0xFF] {
                let mut patched = source.clone();
                patched[at] ^= change;
                let Ok(Probe::Header(header)) = imaging::probe(&patched, patched.len() as u64) else { continue };
                if memory_needed(&header, patched.len() as u64, &spec(r#""format": "png""#)) > 64_000_000 {
                    continue;
                }
                match imaging::render(patched.as_slice(), &spec(r#""format": "png""#), std::io::sink()) {
                    Ok(_) | Err(imaging::RenderError::Rejected(_)) => {}
                    Err(error) => panic!("{name}, byte {at} ^ {change:#x}: {error:?}"),
                }
            }
        }
    }
}

#[test]
fn frames_with_more_pixels_or_bits_than_the_header_says_are_corrupt() {
    let source = file("10-bit-420");
    let ispe = source.windows(4).position(|name| name == b"ispe").unwrap();
    let av1c = source.windows(4).position(|name| name == b"av1C").unwrap();
    let mut small = source.clone();
    small[ispe + 11] = 40;
    assert_eq!(rejection(&small, r#""format": "png""#), RejectionCode::Corrupt);
    let mut eight_bits = source;
    eight_bits[av1c + 6] &= !0x40;
    assert_eq!(rejection(&eight_bits, r#""format": "png""#), RejectionCode::Corrupt);
}
