//! Damaged pictures: what is rendered of them if the caller wants it, what is said of them, and in which words they are
//! rejected.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::Cursor;

use image::DynamicImage;
use imaging::{
    Damage, DamagePolicy, JpegDecoder, Orientation, RenderError, RenderOptions, Rendered, Size, chart, render_within,
};
use support::{picture, rendition, spec};

const SIZE: Size = Size::new(200, 150);
const FULL: &str = r#""format": "png""#;
const SMALL: &str = r#""width": 25, "format": "png""#;
const MOVING: &str = r#""width": 30, "format": "webp", "method": 0, "animated": true"#;

const RENDER_DAMAGED: fn() -> RenderOptions =
    || RenderOptions { damaged: DamagePolicy::Render, ..RenderOptions::default() };

fn render_damaged(source: &[u8], json: &str) -> Result<(Rendered, Vec<u8>), RenderError> {
    render_by(RENDER_DAMAGED(), source, json)
}

/// Renders as the pipeline does: once more by libjpeg, if our own decoder cannot know whether the picture is whole.
fn render_by(options: RenderOptions, source: &[u8], json: &str) -> Result<(Rendered, Vec<u8>), RenderError> {
    let mut out = Vec::new();
    let rendered = match render_within(options, source, &spec(json), &mut out) {
        Err(RenderError::JpegEndUnknown) => {
            out.clear();
            let options = RenderOptions { jpeg_decoder: JpegDecoder::Libjpeg, ..options };
            render_within(options, source, &spec(json), &mut out)?
        }
        rendered => rendered?,
    };
    assert_eq!(rendered.byte_len, out.len() as u64);
    Ok((rendered, out))
}

/// Sound pictures of every kind, by the extension that they would have.
fn sources() -> Vec<(&'static str, Vec<u8>)> {
    let alpha = image::RgbaImage::from_fn(90, 64, |x, y| {
        image::Rgba([x.to_le_bytes()[0], y.to_le_bytes()[0], 9, (x * y).to_le_bytes()[0] | 1])
    });
    let mut noise = 1u32;
    let rgb = image::RgbImage::from_fn(SIZE.width, SIZE.height, |x, y| {
        noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        image::Rgb([x, y, x + y].map(|level| level.to_le_bytes()[0] ^ (noise >> 29).to_le_bytes()[0]))
    });
    let (png, png_with_alpha) = (png(rgb.into()), png(alpha.into()));
    let webp = |source: &[u8], json: &str| rendition(source, &format!(r#""format": "webp", {json}"#)).1;
    let gif = gif(false);
    vec![
        ("jpeg", chart::jpeg(SIZE, Orientation::UPRIGHT)),
        ("progressive.jpeg", progressive()),
        ("png", png.clone()),
        ("alpha.png", png_with_alpha.clone()),
        ("webp", webp(&png, r#""quality": 80"#)),
        ("lossless.webp", webp(&png, r#""lossless": true"#)),
        ("alpha.webp", webp(&png_with_alpha, r#""quality": 80"#)),
        ("animated.webp", webp(&gif, r#""quality": 80, "animated": true"#)),
        ("gif", gif),
        ("interlaced.gif", self::gif(true)),
    ]
}

fn png(pixels: DynamicImage) -> Vec<u8> {
    let mut png = Vec::new();
    pixels.write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    png
}

/// Three frames of 60×60 px.
fn gif(interlaced: bool) -> Vec<u8> {
    let mut gif = Vec::new();
    let mut encoder = gif::Encoder::new(&mut gif, 60, 60, &[0, 0, 0, 255, 0, 0, 0, 255, 0]).unwrap();
    for number in 0..3u16 {
        let buffer = (0..3600u16).map(|at| ((at / 7 + at % 5 + number) % 3).to_le_bytes()[0]).collect();
        encoder.write_frame(&gif::Frame { width: 60, height: 60, interlaced, buffer, ..Default::default() }).unwrap();
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

/// The first rows that are the same in both pictures.
fn equal_rows(a: &DynamicImage, b: &DynamicImage) -> u32 {
    let (a, b) = (a.to_rgba8(), b.to_rgba8());
    assert_eq!(a.dimensions(), b.dimensions());
    a.rows().zip(b.rows()).take_while(|(a, b)| a.clone().eq(b.clone())).count().try_into().unwrap()
}

#[test]
fn a_sound_picture_has_the_same_bytes_with_either_policy() {
    for (name, source) in sources() {
        for json in [FULL, SMALL, MOVING] {
            let (rendered, bytes) = render_damaged(&source, json).unwrap();
            let strict = rendition(&source, json);
            assert_eq!(rendered.damaged, None, "{name}");
            assert!(bytes == strict.1, "{name} with {json}");
        }
    }
}

#[test]
fn a_truncated_picture_shows_what_is_there_and_says_how_much() {
    for (name, source) in sources() {
        let whole = picture(&rendition(&source, FULL).1, imaging::Format::Png);
        let (mut last, mut rendered_cuts) = (0, 0);
        for percent in [30, 45, 60, 75, 90] {
            let cut = &source[..source.len() * percent / 100];
            let Ok((rendered, png)) = render_damaged(cut, FULL) else { continue };
            rendered_cuts += 1;
            // Of an animation, the first frame may be whole.
            let Some(Damage { reason, decoded }) = rendered.damaged else {
                assert!(name.contains("gif") || name.contains("animated"), "{name} cut at {percent} % is silent");
                continue;
            };
            assert!(reason.starts_with("the file ends at byte "), "{name}: {reason}");
            assert!(decoded.percent() >= last, "{name}: {decoded} after {last}");
            last = decoded.percent();
            if !name.contains("progressive") && !name.contains("interlaced") {
                // A row of MCUs has 16 rows. A decoder may have written rows that it does not count.
                let rows = equal_rows(&whole, &picture(&png, imaging::Format::Png)) + 16;
                assert!(rows * 100 >= whole.height() * u32::from(last), "{name}: {rows} rows, {decoded}");
            }
        }
        // The alpha channel of a WebP comes before its pixels.
        assert!(rendered_cuts >= 2, "{name}: {rendered_cuts} of 5 cuts are rendered");
        let least = if name == "alpha.webp" { 20 } else { 50 };
        assert!(last > least || name.contains("gif") || name.contains("animated"), "{name}: {last} % of 90 %");
    }
}

#[test]
fn missing_pixels_are_grey_or_transparent() {
    for (name, source) in sources() {
        if name.contains("progressive") || name.contains("animated") || name.contains("gif") {
            continue; // nothing is missing of the first frame, or nothing as a whole
        }
        let (_, png) =
            render_damaged(&source[..source.len() * 8 / 10], FULL).unwrap_or_else(|it| panic!("{name}: {it}"));
        let picture = picture(&png, imaging::Format::Png).to_rgba8();
        let [r, g, b, a] = picture.get_pixel(picture.width() / 2, picture.height() - 1).0;
        if name.starts_with("alpha") {
            assert_eq!(a, 0, "{name}");
        } else {
            assert!(a == 255 && [r, g, b].iter().all(|level| level.abs_diff(128) <= 3), "{name}: {r}, {g}, {b}");
        }
    }
}

#[test]
fn a_truncated_animation_keeps_its_frames_so_far() {
    let gif = gif(false);
    let webp = rendition(&gif, r#""format": "webp", "quality": 80, "animated": true"#).1;
    for (name, source) in [("gif", gif), ("webp", webp)] {
        let (rendered, _) = render_damaged(&source[..source.len() * 9 / 10], MOVING).unwrap();
        let Damage { reason, decoded } = rendered.damaged.unwrap();
        assert!(reason.starts_with("the file ends at byte "), "{name}: {reason}");
        assert!((60..99).contains(&decoded.percent()), "{name}: {decoded}");
        assert!(rendered.frames >= 2, "{name}: {} frames", rendered.frames);
    }
}

#[test]
fn a_picture_of_which_nothing_can_be_decoded_is_rejected() {
    for (name, source) in sources() {
        for len in [1, 10, 30] {
            let outcome = render_damaged(&source[..len], FULL);
            assert!(matches!(outcome, Err(RenderError::Rejected(_))), "{len} bytes of {name}: {outcome:?}");
        }
    }
}

#[test]
fn a_rejection_says_where_the_file_ends_and_how_much_comes_before() {
    let jpeg = chart::jpeg(Size::new(1600, 1200), Orientation::UPRIGHT);
    let cut = jpeg.len() * 6 / 10;
    for (json, what) in [(SMALL, "our decoder"), (FULL, "libjpeg")] {
        let error = imaging::render(&jpeg[..cut], &spec(json), Vec::new()).unwrap_err().to_string();
        let (reason, part) = error.split_once(", after ").unwrap_or_else(|| panic!("{what}: {error}"));
        assert_eq!(reason.replace(',', ""), format!("the file ends at byte {cut}"), "{what}");
        let percent: u32 = part.strip_suffix(" % of the picture").unwrap().parse().unwrap();
        assert!((30..90).contains(&percent), "{what}: {error}");
    }
}

/// Whether a message is a clause in a person's words, and holds nothing of the insides of a library.
fn assert_plain(name: &str, message: &str) {
    for inside in ["{", "}", "::", "Error", "VP8_", "ChunkType", "Some(", "None", "0x", "Invalid", "corrupt", "_", "\n"]
    {
        assert!(!message.contains(inside), "{name}: {message:?} contains {inside:?}");
    }
    let first = message.chars().next().unwrap();
    assert!(first.is_lowercase() && !message.ends_with('.') && !message.contains(". "), "{name}: {message:?}");
    // Two capitals within a word are a name of the format; one is a name in a library's code, such as `BadHuffmanCode`.
    let has_type_name = message.split(' ').any(|word| {
        let word = word.trim_end_matches("'s");
        let inner = word.chars().skip(1).any(char::is_uppercase);
        inner && word.chars().any(char::is_lowercase) && word != "WebP"
    });
    assert!(!has_type_name || message.contains("the chunk "), "{name}: {message:?} has the name of a type");
}

#[test]
fn every_rejection_of_a_damaged_file_is_in_plain_words() {
    let mut messages = 0;
    for (name, source) in sources() {
        let mut check = |what: String, damaged: &[u8]| {
            for (json, options) in
                [(SMALL, RenderOptions::default()), (MOVING, RenderOptions::default()), (SMALL, RENDER_DAMAGED())]
            {
                match render_by(options, damaged, json).map(|(rendered, _)| rendered) {
                    Err(RenderError::Rejected(rejection)) => {
                        assert_plain(&format!("{name}, {what}"), &rejection.to_string());
                        messages += 1;
                    }
                    Err(error) => panic!("{name}, {what}: {error}"),
                    Ok(rendered) => {
                        if let Some(Damage { reason, .. }) = rendered.damaged {
                            assert_plain(&format!("{name}, {what}"), &reason);
                        }
                    }
                }
            }
        };
        for len in (0..source.len()).step_by(1 + source.len() / 25) {
            check(format!("cut at {len}"), &source[..len]);
        }
        for at in (0..source.len()).step_by(1 + source.len() / 30).chain(0..40) {
            for flip in [0x01, 0x80] {
                let mut damaged = source.clone();
                damaged[at] ^= flip;
                check(format!("byte {at} ^ {flip}"), &damaged);
            }
        }
    }
    assert!(messages > 500, "{messages} messages");
}
