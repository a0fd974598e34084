//! Renders generated pictures, and checks the format, the size and the pixels of each rendition.

#![allow(clippy::unwrap_used)]

mod support;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};
use imaging::{Encoding, Format, Method, Orientation, Quality, ScanMode, Size, chart};
use support::{assert_close, picture, rendition};

const SIZE: Size = Size::new(320, 240);

fn chart_picture(size: Size) -> DynamicImage {
    RgbImage::from_raw(size.width, size.height, chart::rgb(size)).unwrap().into()
}

fn sources() -> Vec<(Format, Vec<u8>)> {
    let quality = Quality::try_from(95).unwrap();
    let mut gif = Vec::new();
    let mut gif_writer = image::codecs::gif::GifEncoder::new(&mut gif);
    gif_writer.encode_frame(image::Frame::new(chart_picture(SIZE).into_rgba8())).unwrap();
    drop(gif_writer);
    vec![
        (Format::Jpeg, chart::encoded(SIZE, Encoding::Jpeg { quality, scan_mode: ScanMode::Baseline })),
        (Format::Png, chart::encoded(SIZE, Encoding::Png)),
        (Format::Webp, chart::encoded(SIZE, Encoding::Webp { quality, method: Method::DEFAULT })),
        (Format::Gif, gif),
    ]
}

#[test]
fn every_format_is_rendered_to_every_format() {
    for (from, source) in sources() {
        for (json, to) in [("jpeg", Format::Jpeg), ("png", Format::Png), ("webp", Format::Webp)] {
            let (rendered, bytes) = rendition(&source, &format!(r#""format": "{json}""#));
            assert_eq!((rendered.format, rendered.size), (to, SIZE));
            assert_eq!((rendered.source.format, rendered.source.size), (from, SIZE));
            // Chroma has half the resolution, which blurs the edges of the chart's saturated shapes.
            let name = format!("{from} to {to}");
            assert_close(&name, &picture(&bytes, to), &chart_picture(SIZE), 4.5, 255);
        }
    }
}

#[test]
fn png_to_png_at_the_size_of_the_source_is_exact() {
    let source = chart::encoded(SIZE, Encoding::Png);
    let (_, bytes) = rendition(&source, r#""format": "source""#);
    assert_close("png to png", &picture(&bytes, Format::Png), &chart_picture(SIZE), 0.0, 0);
}

#[test]
fn lossless_webp_is_exact() {
    let source = chart::encoded(SIZE, Encoding::Png);
    let (_, bytes) = rendition(&source, r#""format": "webp", "lossless": true"#);
    assert_close("lossless webp", &picture(&bytes, Format::Webp), &chart_picture(SIZE), 0.0, 0);
}

#[test]
fn a_progressive_jpeg_has_the_same_pixels_and_fewer_bytes() {
    let source = chart::encoded(Size::new(800, 600), Encoding::Png);
    let (_, baseline) = rendition(&source, r#""format": "jpeg""#);
    let (_, progressive) = rendition(&source, r#""format": "jpeg", "progressive": true"#);
    assert!(progressive.windows(2).any(|marker| marker == [0xFF, 0xC2]), "the file has a progressive frame header");
    assert!(progressive.len() < baseline.len());
    let expected = picture(&baseline, Format::Jpeg);
    assert_close("progressive", &picture(&progressive, Format::Jpeg), &expected, 0.0, 0);
}

#[test]
fn a_smaller_rendition_equals_a_smaller_chart() {
    let half = chart_picture(Size::new(160, 120));
    for (from, source) in sources() {
        let (rendered, bytes) = rendition(&source, r#""width": 160, "height": 160, "format": "png""#);
        assert_eq!(rendered.size, Size::new(160, 120));
        assert_close(&format!("{from} halved"), &picture(&bytes, Format::Png), &half, 4.0, 255);
    }
}

#[test]
fn cover_crops_to_the_middle() {
    let middle = chart_picture(SIZE).crop_imm(40, 0, 240, 240);
    let source = chart::encoded(SIZE, Encoding::Png);
    let (rendered, bytes) = rendition(&source, r#""fit": "cover", "width": 240, "height": 240, "format": "png""#);
    assert_eq!(rendered.size, Size::new(240, 240));
    assert_close("cover", &picture(&bytes, Format::Png), &middle, 0.0, 0);
}

#[test]
fn every_orientation_is_rendered_upright() {
    let seen = Size::new(640, 480);
    let expected = chart_picture(Size::new(160, 120));
    for number in 1..=8 {
        let source = chart::jpeg(seen, Orientation::try_from(number).unwrap());
        let (rendered, bytes) = rendition(&source, r#""width": 160, "format": "png""#);
        assert_eq!(rendered.size, Size::new(160, 120), "orientation {number}");
        let name = format!("orientation {number}");
        assert_close(&name, &picture(&bytes, Format::Png), &expected, 4.0, 255);
    }
}

#[test]
fn the_exif_orientation_after_a_webps_pixels_is_applied() {
    let (seen, quality) = (Size::new(2400, 1800), Quality::try_from(100).unwrap());
    let simple = chart::encoded(seen, Encoding::Webp { quality, method: Method::DEFAULT });
    assert!(simple.len() > 128 * 1024, "the EXIF chunk is not in the first read");
    let mut source = b"RIFF\0\0\0\0WEBPVP8X\x0A\0\0\0\x08\0\0\0\x5F\x09\0\x07\x07\0".to_vec();
    source.extend(&simple[12..]);
    source.extend(b"EXIF\x1A\0\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x03\0\0\0\0\0\0\0");
    let riff_len = u32::try_from(source.len() - 8).unwrap();
    source[4..8].copy_from_slice(&riff_len.to_le_bytes());

    let (_, bytes) = rendition(&source, r#""width": 160, "format": "png""#);
    let expected = chart_picture(Size::new(160, 120)).rotate180();
    assert_close("rotated webp", &picture(&bytes, Format::Png), &expected, 4.0, 255);
}

#[test]
fn cover_crops_every_orientation_to_the_middle() {
    let seen = Size::new(640, 480);
    let upright = chart::jpeg(seen, Orientation::UPRIGHT);
    let json = r#""fit": "cover", "width": 100, "height": 200, "format": "png""#;
    let expected = picture(&rendition(&upright, json).1, Format::Png);
    for number in 2..=8 {
        let source = chart::jpeg(seen, Orientation::try_from(number).unwrap());
        let (rendered, bytes) = rendition(&source, json);
        assert_eq!(rendered.size, Size::new(100, 200), "orientation {number}");
        let name = format!("cover of orientation {number}");
        assert_close(&name, &picture(&bytes, Format::Png), &expected, 1.5, 255);
    }
}

fn png_of(picture: impl Into<DynamicImage>) -> Vec<u8> {
    let mut png = Vec::new();
    let mut cursor = std::io::Cursor::new(&mut png);
    picture.into().write_to(&mut cursor, ImageFormat::Png).unwrap();
    png
}

#[test]
fn transparent_colours_do_not_bleed_into_edges() {
    // White on the left, transparent black on the right.
    let source = RgbaImage::from_fn(200, 40, |x, _| if x < 101 { Rgba([255; 4]) } else { Rgba([0, 0, 0, 0]) });
    let (_, bytes) = rendition(&png_of(source), r#""width": 50, "format": "png""#);
    let rendition = picture(&bytes, Format::Png).into_rgba8();
    assert!(rendition.pixels().any(|pixel| (1..255).contains(&pixel.0[3])), "the edge is soft");
    for pixel in rendition.pixels().filter(|pixel| pixel.0[3] > 0) {
        assert!(pixel.0[..3].iter().all(|&level| level >= 250), "the edge is dark: {pixel:?}");
    }
}

#[test]
fn a_transparent_picture_becomes_a_white_jpeg_and_a_transparent_png_and_webp() {
    let source = png_of(RgbaImage::from_pixel(64, 64, Rgba([0, 0, 0, 0])));
    let (_, jpeg) = rendition(&source, r#""format": "jpeg""#);
    let white = RgbImage::from_pixel(64, 64, Rgb([255; 3])).into();
    assert_close("transparent jpeg", &picture(&jpeg, Format::Jpeg), &white, 0.0, 0);
    for (json, format) in [("png", Format::Png), ("webp", Format::Webp)] {
        let (_, bytes) = rendition(&source, &format!(r#""format": "{json}""#));
        assert!(picture(&bytes, format).to_rgba8().pixels().all(|pixel| pixel.0[3] == 0));
    }
}

#[test]
fn a_picture_too_wide_for_webp_is_scaled_down() {
    let source = png_of(RgbImage::from_pixel(20_000, 10, Rgb([9, 99, 199])));
    let (rendered, _) = rendition(&source, r#""format": "webp""#);
    assert_eq!(rendered.size, Size::new(16_383, 8));
    let (rendered, _) = rendition(&source, r#""format": "png""#);
    assert_eq!(rendered.size, Size::new(20_000, 10));
}

#[test]
fn the_same_source_and_spec_give_the_same_bytes() {
    for (_, source) in sources() {
        for json in ["jpeg", "png", "webp"] {
            let json = format!(r#""width": 100, "format": "{json}""#);
            assert_eq!(rendition(&source, &json).1, rendition(&source, &json).1);
        }
    }
}

#[test]
fn a_higher_quality_gives_more_bytes() {
    let source = chart::encoded(SIZE, Encoding::Png);
    for format in ["jpeg", "webp"] {
        let len = |quality: u8| rendition(&source, &format!(r#""format": "{format}", "quality": {quality}"#)).1.len();
        assert!(len(20) < len(60) && len(60) < len(95), "{format}");
    }
}

#[test]
fn a_picture_of_one_pixel_is_rendered() {
    let source = png_of(RgbImage::from_pixel(1, 1, Rgb([10, 200, 30])));
    for format in ["jpeg", "png", "webp", "source"] {
        let json = format!(r#""fit": "cover", "width": 7, "height": 9, "format": "{format}""#);
        assert_eq!(rendition(&source, &json).0.size, Size::new(1, 1));
    }
}
