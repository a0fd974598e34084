//! AVIF renditions, decoded with Pillow (libavif, dav1d).

#![allow(clippy::unwrap_used)]

mod support;

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageFormat, Luma, Rgb, RgbImage, Rgba, RgbaImage};
use imaging::{Format, Size, chart};
use support::{assert_close, picture, pillow, rendition};

fn png_of(picture: impl Into<DynamicImage>) -> Vec<u8> {
    let mut png = Vec::new();
    picture.into().write_to(&mut Cursor::new(&mut png), ImageFormat::Png).unwrap();
    png
}

#[test]
fn a_chart_is_decoded_as_it_was() {
    if pillow().is_none() {
        return;
    }
    // The second size is odd, so that the last chroma sample of each row and column covers one pixel.
    for seen in [Size::new(320, 240), Size::new(161, 121)] {
        let chart = RgbImage::from_raw(seen.width, seen.height, chart::rgb(seen)).unwrap();
        let json = r#""format": "avif", "quality": 90"#;
        let (rendered, avif) = rendition(&png_of(chart.clone()), json);
        assert_eq!((rendered.format, rendered.size), (Format::Avif, seen));
        // Chroma has half the resolution, which blurs the edges of the chart's saturated shapes.
        assert_close(&format!("avif {seen}"), &picture(&avif, Format::Avif), &chart.into(), 2.5, 255);
    }
}

#[test]
fn flat_colours_are_decoded_within_two_levels() {
    if pillow().is_none() {
        return;
    }
    for colour in [[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0], [0, 0, 255], [90, 140, 60]] {
        let flat = RgbImage::from_pixel(40, 24, Rgb(colour));
        let (_, avif) = rendition(&png_of(flat.clone()), r#""format": "avif", "quality": 100"#);
        let name = format!("avif of {colour:?}");
        assert_close(&name, &picture(&avif, Format::Avif), &flat.into(), 1.5, 2);
    }
}

#[test]
fn grey_stays_grey() {
    if pillow().is_none() {
        return;
    }
    let ramp = GrayImage::from_fn(256, 64, |x, _| Luma([u8::try_from(x).unwrap()]));
    let (_, avif) = rendition(&png_of(ramp.clone()), r#""format": "avif", "quality": 90"#);
    let seen = picture(&avif, Format::Avif);
    assert_close("grey avif", &seen, &ramp.into(), 1.0, 4);
    assert!(seen.to_rgb8().pixels().all(|Rgb([r, g, b])| r == g && g == b));
}

#[test]
fn alpha_is_kept_up_to_the_last_column() {
    if pillow().is_none() {
        return;
    }
    let fading = RgbaImage::from_fn(255, 65, |x, _| Rgba([200, 40, 90, u8::try_from(x).unwrap()]));
    let (_, avif) = rendition(&png_of(fading.clone()), r#""format": "avif", "quality": 90"#);
    let seen = picture(&avif, Format::Avif).into_rgba8();
    for (seen, source) in seen.pixels().zip(fading.pixels()) {
        assert!(seen.0[3].abs_diff(source.0[3]) <= 4, "{seen:?} for {source:?}");
    }
}

#[test]
fn quality_and_speed_change_the_bytes_and_nothing_else_does() {
    if pillow().is_none() {
        return;
    }
    let source = png_of(RgbImage::from_raw(320, 240, chart::rgb(Size::new(320, 240))).unwrap());
    let avif = |options: &str| rendition(&source, &format!(r#""format": "avif"{options}"#)).1;
    let len = |quality: u8| avif(&format!(r#", "quality": {quality}"#)).len();
    assert!(len(20) < len(60) && len(60) < len(95));
    assert_ne!(avif(r#", "speed": 6"#), avif(""));
    assert_eq!(avif(""), avif(""));
}

#[test]
fn a_picture_too_wide_for_avif_is_scaled_down() {
    if pillow().is_none() {
        return;
    }
    let source = png_of(RgbImage::from_pixel(40_000, 10, Rgb([9, 99, 199])));
    let (rendered, _) = rendition(&source, r#""format": "avif""#);
    assert_eq!(rendered.size, Size::new(32_768, 8));
    let (rendered, _) = rendition(&png_of(RgbImage::new(1, 1)), r#""format": "avif""#);
    assert_eq!(rendered.size, Size::new(1, 1));
}
