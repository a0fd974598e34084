//! Damaged and truncated pictures, pictures with false values, and readers and writers that fail. Each case has its own
//! error, and none causes a panic or an incomplete picture.

#![allow(clippy::unwrap_used)]

#[path = "../support/mod.rs"]
mod support;

mod cut;
mod limits;
mod streams;

use std::io::{self, Cursor, Read, Write};
use std::sync::LazyLock;
use std::time::Duration;

use imaging::{
    Encoding, JpegDecoder, Method, Orientation, Quality, RejectionCode, RenderError, RenderOptions, ScanMode, Size,
    chart, render, render_within,
};
use proptest::prelude::*;
use support::{rejection, rendition, spec, try_rendition};

const SIZE: Size = Size::new(200, 150);

static SOURCES: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(sources);

fn sources() -> Vec<(&'static str, Vec<u8>)> {
    let quality = Quality::try_from(80).unwrap();
    let rgba = image::RgbaImage::from_fn(64, 64, |x, y| {
        image::Rgba([x.to_le_bytes()[0], y.to_le_bytes()[0], 9, (x * y).to_le_bytes()[0]])
    });
    let mut alpha = Vec::new();
    rgba.write_to(&mut Cursor::new(&mut alpha), image::ImageFormat::Png).unwrap();
    let gif = gif();
    let webp = |source: &[u8], json: &str| rendition(source, &format!(r#""format": "webp", {json}"#)).1;
    vec![
        ("jpeg", chart::jpeg(SIZE, Orientation::UPRIGHT)),
        ("turned jpeg", chart::jpeg(SIZE, Orientation::try_from(6).unwrap())),
        ("progressive jpeg", progressive()),
        ("png", chart::encoded(SIZE, Encoding::Png)),
        ("png with alpha", alpha.clone()),
        ("webp", chart::encoded(SIZE, Encoding::Webp { quality, method: Method::DEFAULT })),
        ("lossless webp", chart::encoded(SIZE, Encoding::WebpLossless)),
        ("webp with alpha", webp(&alpha, r#""quality": 80"#)),
        ("animated webp", webp(&gif, r#""quality": 80, "animated": true"#)),
        ("lossless animated webp", webp(&gif, r#""lossless": true, "animated": true"#)),
        ("gif", gif),
    ]
}

/// Three frames. The second is interlaced.
fn gif() -> Vec<u8> {
    let mut gif = Vec::new();
    let mut encoder = gif::Encoder::new(&mut gif, 60, 60, &[0, 0, 0, 255, 0, 0, 0, 255, 0]).unwrap();
    for (number, side) in [(0u16, 60u16), (1, 40), (2, 20)] {
        let indices = (0..side * side).map(|at| ((at / 7 + at % 5 + number) % 3).to_le_bytes()[0]);
        let frame = gif::Frame {
            width: side,
            height: side,
            interlaced: number == 1,
            buffer: indices.collect(),
            ..Default::default()
        };
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    gif
}

fn progressive() -> Vec<u8> {
    let mut jpeg = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
    jpeg.set_size(SIZE.width as usize, SIZE.height as usize);
    jpeg.set_progressive_mode();
    let mut jpeg = jpeg.start_compress(Vec::new()).unwrap();
    jpeg.write_scanlines(&chart::rgb(SIZE)).unwrap();
    jpeg.finish().unwrap()
}

const SMALL: &str = r#""width": 50, "format": "jpeg""#;
const FULL: &str = r#""format": "png""#;
const MOVING: &str = r#""format": "webp", "method": 0, "animated": true"#;

/// Overwrites the bytes that begin `skip` bytes after the first `marker`.
fn patched(source: &[u8], marker: &[u8], skip: usize, patch: &[u8]) -> Vec<u8> {
    let mut source = source.to_vec();
    let at = source.windows(marker.len()).position(|window| window == marker).unwrap();
    source[at + marker.len() + skip..][..patch.len()].copy_from_slice(patch);
    source
}
