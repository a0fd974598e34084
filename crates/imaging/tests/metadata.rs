//! Renditions contain no metadata from a camera or an editor, and no colours that a transparent pixel hides.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use imaging::{Encoding, Format, Method, Orientation, Size, chart, render};
use support::{picture, pillow, rendition, spec};

/// One text for each kind of metadata. No encoder writes these bytes by chance.
const SECRETS: [&[u8]; 6] =
    [b"SECRET-EXIF", b"SECRET-GPS", b"SECRET-THUMBNAIL", b"SECRET-XMP", b"SECRET-ICC", b"SECRET-COMMENT"];

/// The names of metadata segments and chunks.
const CONTAINERS: [&[u8]; 9] = [b"Exif", b"EXIF", b"eXIf", b"ICC_PROFILE", b"ICCP", b"iCCP", b"XMP", b"tEXt", b"iTXt"];

const SIZE: Size = Size::new(64, 48);

fn jpeg() -> Vec<u8> {
    let jpeg = chart::jpeg(SIZE, Orientation::UPRIGHT);
    let segments: [(u8, Vec<u8>); 4] = [
        (0xE1, [b"Exif\0\0II*\0\x08\0\0\0\0\0", SECRETS[0], SECRETS[1], SECRETS[2]].concat()),
        (0xE1, [b"http://ns.adobe.com/xap/1.0/\0", SECRETS[3]].concat()),
        (0xE2, [b"ICC_PROFILE\0\x01\x01", SECRETS[4]].concat()),
        (0xFE, SECRETS[5].to_vec()),
    ];
    let mut tagged = jpeg[..2].to_vec();
    for (marker, bytes) in segments {
        tagged.extend([0xFF, marker, 0, u8::try_from(bytes.len() + 2).unwrap()]);
        tagged.extend(bytes);
    }
    tagged.extend(&jpeg[2..]);
    tagged
}

fn png() -> Vec<u8> {
    let png = chart::encoded(SIZE, Encoding::Png);
    let header_end = 8 + 25;
    let chunks: [(&[u8; 4], Vec<u8>); 3] = [
        (b"eXIf", [b"II*\0\x08\0\0\0\0\0", SECRETS[0], SECRETS[1], SECRETS[2]].concat()),
        (b"tEXt", [b"XML:com.adobe.xmp\0", SECRETS[3]].concat()),
        (b"tEXt", [b"Comment\0", SECRETS[5]].concat()),
    ];
    let mut tagged = png[..header_end].to_vec();
    for (name, bytes) in chunks {
        tagged.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
        let named = [name.as_slice(), &bytes].concat();
        tagged.extend(&named);
        tagged.extend(crc32(&named).to_be_bytes());
    }
    tagged.extend(&png[header_end..]);
    tagged
}

/// PNG's checksum (annex D), computed bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1))))
}

fn webp() -> Vec<u8> {
    let quality = 80.try_into().unwrap();
    let simple = chart::encoded(SIZE, Encoding::Webp { quality, method: Method::DEFAULT });
    let mut tagged = b"RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\x2C\0\0\0\x3F\0\0\x2F\0\0".to_vec();
    let mut chunk = |name: &[u8; 4], bytes: &[u8]| {
        tagged.extend(name);
        tagged.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
        tagged.extend(bytes);
        tagged.extend(vec![0; bytes.len() % 2]);
    };
    chunk(b"ICCP", SECRETS[4]);
    let pixels = simple[20..].to_vec();
    chunk(b"VP8 ", &pixels);
    chunk(b"EXIF", &[b"II*\0\x08\0\0\0\0\0", SECRETS[0], SECRETS[1], SECRETS[2]].concat());
    chunk(b"XMP ", SECRETS[3]);
    let riff_len = u32::try_from(tagged.len() - 8).unwrap();
    tagged[4..8].copy_from_slice(&riff_len.to_le_bytes());
    tagged
}

#[test]
fn no_rendition_contains_metadata() {
    for (from, source) in [("jpeg", jpeg()), ("png", png()), ("webp", webp())] {
        for to in ["jpeg", "png", "webp"] {
            for side in [64, 20] {
                let (_, bytes) = rendition(&source, &format!(r#""width": {side}, "format": "{to}""#));
                let found = SECRETS
                    .iter()
                    .chain(&CONTAINERS)
                    .find(|&&secret| bytes.windows(secret.len()).any(|window| window == secret));
                let found = found.map(|secret| secret.escape_ascii().to_string());
                assert_eq!(found, None, "{from} to {to}");
            }
        }
    }
}

/// A picture with words under an alpha of 0, as an editor leaves them.
const ERASED: &[u8] = include_bytes!("pictures/hidden-under-alpha.png");

fn png_of(picture: impl Into<DynamicImage>) -> Vec<u8> {
    let mut png = Vec::new();
    picture.into().write_to(&mut Cursor::new(&mut png), ImageFormat::Png).unwrap();
    png
}

/// A gradient that fades out from left to right. The middle third is fully transparent, and has colours if `is_kept`.
fn faded(is_kept: bool) -> RgbaImage {
    RgbaImage::from_fn(90, 50, |x, y| {
        let alpha = if (30..60).contains(&x) { 0 } else { 255 - x };
        let colour = if alpha > 0 || is_kept { [200, 5 * y, 2 * x + 9] } else { [0; 3] };
        let [r, g, b] = colour.map(|level| u8::try_from(level).unwrap());
        Rgba([r, g, b, u8::try_from(alpha).unwrap()])
    })
}

#[test]
fn no_rendition_depends_on_the_colours_of_transparent_pixels() {
    let assert_same_bytes = |kept: &DynamicImage, cleared: &DynamicImage| {
        let [kept, cleared] = [kept, cleared].map(|picture| png_of(picture.clone()));
        for json in [
            r#""format": "png""#,
            r#""format": "webp", "quality": 100"#,
            r#""format": "webp", "lossless": true"#,
            r#""format": "avif", "quality": 100"#,
            r#""format": "jpeg""#,
            r#""format": "png", "width": 45"#,
        ] {
            let [kept, cleared] = [&kept, &cleared].map(|source| {
                let mut out = Vec::new();
                render(source.as_slice(), &spec(json), &mut out).unwrap();
                out
            });
            assert!(kept == cleared, "hidden colours change the bytes of {json}");
        }
    };
    let [kept, cleared] = [true, false].map(|is_kept| DynamicImage::from(faded(is_kept)));
    assert_same_bytes(&kept, &cleared);
    assert_same_bytes(&kept.to_luma_alpha8().into(), &cleared.to_luma_alpha8().into());
    assert_same_bytes(&kept.to_rgba16().into(), &cleared.to_rgba16().into());
}

#[test]
fn no_decoder_reads_colours_that_alpha_hides() {
    let hidden = picture(ERASED, Format::Png).into_rgba8();
    assert!(hidden.pixels().any(|pixel| pixel.0[3] == 0 && pixel.0 != [0; 4]), "the source has hidden colours");
    let outputs = [
        (r#""format": "png""#, Format::Png),
        (r#""format": "webp", "lossless": true"#, Format::Webp),
        (r#""format": "webp", "quality": 100"#, Format::Webp),
        (r#""format": "avif", "quality": 100"#, Format::Avif),
    ];
    for (json, format) in outputs {
        if format == Format::Avif && pillow().is_none() {
            continue;
        }
        let (_, bytes) = rendition(ERASED, json);
        // libavif may decode a colour of 0 one or two levels too high.
        for Rgba([r, g, b, alpha]) in picture(&bytes, format).into_rgba8().pixels() {
            assert!(*alpha > 0 || [r, g, b].into_iter().all(|&level| level <= 2), "{json}");
        }
    }
}
