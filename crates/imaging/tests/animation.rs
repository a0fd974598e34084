//! Renders animations, and compares every frame with that of another decoder.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::Cursor;

use gif::{DisposalMethod, Encoder, Frame, Repeat};
use image::codecs::gif::GifDecoder;
use image::{AnimationDecoder, DynamicImage, RgbaImage};
use imaging::{Encoding, Format, Orientation, RejectionCode, Size, chart};
use proptest::prelude::*;
use support::{animated_webp, assert_close, picture, rejection, rendition};

const LOSSLESS: &str = r#""format": "webp", "lossless": true, "animated": true"#;

/// Letters for colours; `.` is transparent.
const COLOURS: [(char, [u8; 3]); 4] = [('.', [1, 2, 3]), ('r', [255, 0, 0]), ('g', [0, 255, 0]), ('b', [0, 0, 255])];

/// A GIF with a logical screen of this size.
fn gif(width: u16, height: u16, repeat: Option<Repeat>, frames: &[Frame<'_>]) -> Vec<u8> {
    let palette: Vec<u8> = COLOURS.iter().flat_map(|(_, rgb)| *rgb).collect();
    let mut gif = Vec::new();
    let mut encoder = Encoder::new(&mut gif, width, height, &palette).unwrap();
    if let Some(repeat) = repeat {
        encoder.set_repeat(repeat).unwrap();
    }
    frames.iter().for_each(|frame| encoder.write_frame(frame).unwrap());
    drop(encoder);
    gif
}

/// A frame that is shown for 50 ms. `rows` has a letter for each pixel, and a `/` between rows.
fn frame(left: u16, top: u16, dispose: DisposalMethod, rows: &str) -> Frame<'static> {
    let index = |letter: char| COLOURS.iter().position(|(known, _)| *known == letter).unwrap();
    let indices: Vec<u8> = rows.chars().filter(|&it| it != '/').map(|it| u8::try_from(index(it)).unwrap()).collect();
    let width = u16::try_from(rows.find('/').unwrap_or(rows.len())).unwrap();
    let height = u16::try_from(indices.len()).unwrap() / width;
    let (delay, transparent) = (5, Some(0));
    Frame { left, top, width, height, delay, dispose, transparent, buffer: indices.into(), ..Default::default() }
}

/// A canvas, and how long it is shown. Transparent pixels have colour 0.
#[derive(Debug, PartialEq)]
struct ShownCanvas {
    canvas: RgbaImage,
    duration_ms: u32,
}

/// The canvases of an animation. Equal canvases that follow each other are merged.
fn shown_canvases(frames: impl IntoIterator<Item = (RgbaImage, u32)>) -> Vec<ShownCanvas> {
    let mut all: Vec<ShownCanvas> = Vec::new();
    for (mut canvas, duration_ms) in frames {
        canvas.pixels_mut().filter(|it| it.0[3] == 0).for_each(|it| it.0 = [0; 4]);
        match all.last_mut().filter(|last| last.canvas == canvas) {
            Some(last) => last.duration_ms += duration_ms,
            None => all.push(ShownCanvas { canvas, duration_ms }),
        }
    }
    all
}

fn webp_canvases(webp: &[u8]) -> Vec<ShownCanvas> {
    shown_canvases(animated_webp::read(webp).expect("the WebP is animated").frames)
}

fn gif_canvases(gif: &[u8]) -> Vec<ShownCanvas> {
    shown_canvases(GifDecoder::new(Cursor::new(gif)).unwrap().into_frames().map(|frame| {
        let frame = frame.unwrap();
        let (numerator, denominator) = frame.delay().numer_denom_ms();
        (frame.into_buffer(), numerator / denominator)
    }))
}

fn letters(canvas: &RgbaImage) -> String {
    let letter = |rgba: [u8; 4]| match rgba {
        [_, _, _, 0] => '.',
        [r, g, b, _] => COLOURS.iter().find(|(_, rgb)| *rgb == [r, g, b]).expect("the colour of a letter").0,
    };
    let rows = canvas.rows().map(|row| row.map(|it| letter(it.0)).collect::<String>());
    rows.collect::<Vec<_>>().join("/")
}

/// How often the animation plays, or `None` for a still.
fn loop_count(webp: &[u8]) -> Option<u16> {
    animated_webp::read(webp).map(|it| it.loop_count)
}

#[test]
fn each_disposal_method_is_applied_as_in_browsers() {
    use DisposalMethod::{Any, Background, Keep, Previous};
    let whole = |dispose| frame(0, 0, dispose, "rrr/rrr");
    let cases = [
        ("keep", vec![whole(Keep), frame(1, 0, Keep, "g/.")], vec!["rrr/rrr", "rgr/rrr"]),
        ("any", vec![whole(Any), frame(1, 0, Keep, "g/g")], vec!["rrr/rrr", "rgr/rgr"]),
        (
            "background",
            vec![whole(Keep), frame(1, 0, Background, "gg/gg"), frame(0, 0, Keep, "b..")],
            vec!["rrr/rrr", "rgg/rgg", "b../r.."],
        ),
        ("the whole background", vec![whole(Background), frame(2, 1, Keep, "b")], vec!["rrr/rrr", ".../..b"]),
        (
            "previous",
            vec![whole(Keep), frame(0, 0, Previous, "gg"), frame(2, 1, Keep, "b")],
            vec!["rrr/rrr", "ggr/rrr", "rrr/rrb"],
        ),
        (
            "previous, twice",
            vec![whole(Keep), frame(0, 0, Previous, "gg"), frame(0, 0, Previous, "b"), frame(2, 1, Keep, "b")],
            vec!["rrr/rrr", "ggr/rrr", "brr/rrr", "rrr/rrb"],
        ),
        ("previous to nothing", vec![whole(Previous), frame(2, 1, Keep, "b")], vec!["rrr/rrr", ".../..b"]),
        (
            "beyond the screen",
            vec![whole(Keep), frame(2, 1, Background, "gg/gg"), frame(0, 0, Keep, "b")],
            vec!["rrr/rrr", "rrr/rrg", "brr/rr."],
        ),
        (
            "far beyond the screen",
            vec![whole(Keep), frame(9, 9, Background, "g"), frame(0, 0, Keep, "b")],
            vec!["rrr/rrr", "brr/rrr"],
        ),
    ];
    for (name, frames, expected) in cases {
        let (rendered, webp) = rendition(&gif(3, 2, None, &frames), LOSSLESS);
        let shown: Vec<String> = webp_canvases(&webp).iter().map(|it| letters(&it.canvas)).collect();
        assert_eq!(shown, expected, "{name}");
        assert_eq!(rendered.frames as usize, frames.len(), "{name}");
    }
}

#[test]
fn an_interlaced_frame_of_an_animation_is_deinterlaced() {
    // The file has row 0 first, then row 2, then rows 1 and 3.
    let stored = frame(0, 0, DisposalMethod::Keep, "r/b/g/r");
    let frames = [frame(0, 0, DisposalMethod::Keep, "g/g/g/g"), Frame { interlaced: true, ..stored }];
    let (_, webp) = rendition(&gif(1, 4, None, &frames), LOSSLESS);
    assert_eq!(letters(&webp_canvases(&webp)[1].canvas), "r/g/b/r");
}

#[test]
fn a_frame_uses_its_own_palette() {
    let own = Frame { palette: Some(vec![0, 0, 0, 0, 0, 255]), ..frame(0, 0, DisposalMethod::Keep, "r") };
    let frames = [frame(0, 0, DisposalMethod::Keep, "r"), own];
    let (_, webp) = rendition(&gif(1, 1, None, &frames), LOSSLESS);
    assert_eq!(letters(&webp_canvases(&webp)[1].canvas), "b");
}

#[test]
fn delays_are_kept_and_delays_below_20_ms_become_100_ms() {
    let (delays, durations) = ([0, 1, 2, 7, 65_535], [100, 100, 20, 70, 655_350]);
    let frames: Vec<Frame<'_>> = delays
        .iter()
        .zip(["r", "g", "b", "r", "g"])
        .map(|(&delay, row)| Frame { delay, ..frame(0, 0, DisposalMethod::Keep, row) })
        .collect();
    let (_, webp) = rendition(&gif(1, 1, None, &frames), LOSSLESS);
    let shown: Vec<u32> = webp_canvases(&webp).iter().map(|it| it.duration_ms).collect();
    assert_eq!(shown, durations);
}

#[test]
fn a_rendition_plays_as_often_as_its_source() {
    let frames = ["r", "g"].map(|row| frame(0, 0, DisposalMethod::Keep, row));
    let cases = [
        (None, 1),
        (Some(Repeat::Infinite), 0),
        (Some(Repeat::Finite(1)), 2),
        (Some(Repeat::Finite(u16::MAX)), u16::MAX),
    ];
    for (repeat, expected) in cases {
        let (_, webp) = rendition(&gif(1, 1, repeat, &frames), LOSSLESS);
        assert_eq!(loop_count(&webp), Some(expected), "{repeat:?}");
        let (_, from_webp) = rendition(&webp, LOSSLESS);
        assert_eq!(loop_count(&from_webp), Some(expected), "{repeat:?}, from WebP");
    }
}

/// A GIF of three different frames: the chart, the chart rotated, and the left half of the chart.
fn charts() -> Vec<u8> {
    let size = Size::new(120, 90);
    let chart = RgbaImage::from(picture(&chart::encoded(size, Encoding::Png), Format::Png).to_rgba8());
    let frames = [image::imageops::rotate180(&chart), image::imageops::crop_imm(&chart, 0, 0, 60, 90).to_image()];
    let frames = [vec![chart.clone()], frames.to_vec()].concat();
    let mut gif = Vec::new();
    let mut encoder = Encoder::new(&mut gif, 120, 90, &[]).unwrap();
    encoder.set_repeat(Repeat::Infinite).unwrap();
    for mut frame in frames {
        let (width, height) = (frame.width().try_into().unwrap(), frame.height().try_into().unwrap());
        let mut frame = Frame::from_rgba_speed(width, height, frame.as_mut(), 10);
        frame.delay = 12;
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    gif
}

fn png_of(canvas: &RgbaImage) -> Vec<u8> {
    let mut png = Vec::new();
    canvas.write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    png
}

#[test]
fn every_frame_is_resized_like_a_still() {
    let source = charts();
    for geometry in [r#""width": 50"#, r#""fit": "cover", "width": 30, "height": 40"#, r#""width": 120"#] {
        let (rendered, webp) = rendition(&source, &format!("{geometry}, {LOSSLESS}"));
        let (frames, stills) = (webp_canvases(&webp), gif_canvases(&source));
        assert_eq!((frames.len(), rendered.frames), (3, 3));
        for (at, (frame, still)) in frames.iter().zip(stills).enumerate() {
            assert_eq!(frame.duration_ms, still.duration_ms);
            let (_, png) = rendition(&png_of(&still.canvas), &format!(r#"{geometry}, "format": "png""#));
            let frame = DynamicImage::from(frame.canvas.clone());
            assert_close(&format!("frame {at}, {geometry}"), &frame, &picture(&png, Format::Png), 0.1, 1);
        }
    }
}

#[test]
fn a_lossy_animation_is_close_to_its_source() {
    let source = charts();
    let (_, webp) = rendition(&source, r#""format": "webp", "quality": 95, "animated": true"#);
    for (frame, still) in webp_canvases(&webp).into_iter().zip(gif_canvases(&source)) {
        assert_close("lossy", &frame.canvas.into(), &still.canvas.into(), 4.0, 255);
    }
}

#[test]
fn the_exif_orientation_of_an_animated_webp_is_applied() {
    let (_, upright) = rendition(&charts(), LOSSLESS);
    let mut rotated = upright.clone();
    rotated[20] |= 0x08; // the EXIF flag of the VP8X chunk
    rotated.extend(b"EXIF\x1A\0\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0");
    let riff_len = u32::try_from(rotated.len() - 8).unwrap();
    rotated[4..8].copy_from_slice(&riff_len.to_le_bytes());

    let (rendered, webp) = rendition(&rotated, LOSSLESS);
    assert_eq!(rendered.size, Size::new(90, 120));
    for (frame, stored) in webp_canvases(&webp).iter().zip(webp_canvases(&upright)) {
        assert_eq!(frame.canvas, image::imageops::rotate90(&stored.canvas));
    }
}

#[test]
fn a_still_stays_a_still() {
    let size = Size::new(40, 30);
    let animated = r#""width": 20, "format": "webp", "animated": true"#;
    let still = r#""width": 20, "format": "webp""#;
    let sources = [
        chart::jpeg(size, Orientation::UPRIGHT),
        chart::encoded(size, Encoding::Png),
        chart::encoded(size, Encoding::WebpLossless),
        gif(3, 2, Some(Repeat::Infinite), &[frame(0, 0, DisposalMethod::Keep, "rgb/bgr")]),
    ];
    for source in sources {
        let (rendered, webp) = rendition(&source, animated);
        assert_eq!((rendered.frames, loop_count(&webp)), (1, None));
        assert_eq!(webp, rendition(&source, still).1);
    }
}

#[test]
fn without_animated_in_the_spec_an_animation_becomes_its_first_frame() {
    let source = charts();
    let (_, webp) = rendition(&source, LOSSLESS);
    for source in [source, webp] {
        let (rendered, webp) = rendition(&source, r#""format": "webp", "lossless": true"#);
        assert_eq!((rendered.frames, loop_count(&webp)), (1, None));
        let expected = gif_canvases(&charts()).remove(0).canvas.into();
        assert_close("first frame", &picture(&webp, Format::Webp), &expected, 0.0, 0);
    }
}

#[test]
fn an_animation_with_too_many_pixels_is_rejected_before_it_is_decoded() {
    let frames = ["r", "g"].map(|row| frame(0, 0, DisposalMethod::Keep, row));
    let mut source = gif(1, 1, None, &frames);
    let last = source.iter().rposition(|&byte| byte == 0x2C).unwrap();
    source[last + 5..last + 9].copy_from_slice(&[0xFF; 4]); // 65,535×65,535
    assert_eq!(rejection(&source, LOSSLESS), RejectionCode::TooManyFrames);
    assert_eq!(rendition(&source, r#""format": "webp""#).0.frames, 1);
}

/// A frame at any position, with transparent pixels.
fn patch() -> impl Strategy<Value = Frame<'static>> {
    let disposal_methods =
        [DisposalMethod::Any, DisposalMethod::Keep, DisposalMethod::Background, DisposalMethod::Previous];
    let rows = prop::collection::vec(prop::sample::select(vec!['.', 'r', 'g', 'b']), 1..20);
    (0..6u16, 0..6u16, 1..5usize, rows, prop::sample::select(disposal_methods.to_vec())).prop_map(
        |(left, top, width, letters, dispose)| {
            let width = width.min(letters.len());
            let whole = letters.len() / width * width;
            let rows: Vec<String> = letters[..whole].chunks(width).map(|row| row.iter().collect()).collect();
            frame(left, top, dispose, &rows.join("/"))
        },
    )
}

proptest! {
    #[test]
    fn any_frames_are_shown_as_by_another_decoder(frames in prop::collection::vec(patch(), 2..7)) {
        // The other decoder does not let the screen grow to its first frame.
        let [width, height] = [frames[0].left + frames[0].width, frames[0].top + frames[0].height];
        let source = gif(width.max(7), height.max(7), None, &frames);
        let (_, webp) = rendition(&source, LOSSLESS);
        let expected = gif_canvases(&source);
        // If all frames are equal, the rendition is a still.
        prop_assume!(expected.len() > 1);
        prop_assert_eq!(webp_canvases(&webp), expected);
    }
}
