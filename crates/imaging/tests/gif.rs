//! GIFs that encoders and editors have damaged, or that the standard does not foresee. What is right was seen in Chromium.

#![allow(clippy::unwrap_used)]

mod support;

use imaging::{Format, RejectionCode, RenderError, Size};
use support::{animated_webp, picture, rendition, try_rendition};

const STILL: &str = r#""format": "png""#;
const ANIMATION: &str = r#""format": "webp", "lossless": true, "animated": true"#;

/// Black, red, green and blue.
const PALETTE: [u8; 12] = [0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255];
const LOOP: &[u8] = b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\0\0\0";
const TRAILER: &[u8] = b"\x3B";

/// The start of a file. Its palette is given to frames that have none.
fn screen(width: u16, height: u16, palette: &[u8]) -> Vec<u8> {
    let [w, h] = [width, height].map(u16::to_le_bytes);
    let flags = if palette.is_empty() { 0 } else { 0x81 };
    [b"GIF89a", &w[..], &h, &[flags, 0, 0], palette].concat()
}

/// A graphic control extension: the frame is shown for 100 ms.
fn control(disposal: u8, transparent: Option<u8>) -> Vec<u8> {
    let flags = disposal << 2 | u8::from(transparent.is_some());
    vec![0x21, 0xF9, 4, flags, 10, 0, transparent.unwrap_or(0), 0]
}

struct Image<'a> {
    at: (u16, u16),
    size: (u16, u16),
    palette: &'a [u8],
    code_size: u8,
}

const WHOLE: Image<'_> = Image { at: (0, 0), size: (4, 4), palette: &[], code_size: 2 };

impl Image<'_> {
    /// A frame with these codes. They are in one sub-block.
    fn with_codes(&self, codes: &[u8]) -> Vec<u8> {
        let numbers = [self.at.0, self.at.1, self.size.0, self.size.1].map(u16::to_le_bytes);
        let flags = if self.palette.is_empty() { 0 } else { 0x81 };
        let len = u8::try_from(codes.len()).unwrap();
        [&[0x2C], numbers.as_flattened(), &[flags], self.palette, &[self.code_size, len], codes, &[0]].concat()
    }

    fn with_indices(&self, indices: &[u8]) -> Vec<u8> {
        self.with_codes(&lzw(self.code_size, indices))
    }

    /// A frame of one colour.
    fn of(&self, index: u8) -> Vec<u8> {
        self.with_indices(&vec![index; usize::from(self.size.0) * usize::from(self.size.1)])
    }
}

fn lzw(code_size: u8, indices: &[u8]) -> Vec<u8> {
    weezl::encode::Encoder::new(weezl::BitOrder::Lsb, code_size).encode(indices).unwrap()
}

fn file(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// A row per word, a letter per pixel; `.` is transparent.
fn letters(rgba: &image::RgbaImage) -> String {
    let letter = |pixel: &image::Rgba<u8>| match pixel.0 {
        [_, _, _, 0] => '.',
        [255, 0, 0, _] => 'r',
        [0, 255, 0, _] => 'g',
        [0, 0, 255, _] => 'b',
        [0, 0, 0, _] => 'k',
        other => panic!("{other:?} is not in the palette"),
    };
    let rows: Vec<String> = rgba.rows().map(|row| row.map(letter).collect()).collect();
    rows.join(" ")
}

fn still(source: &[u8]) -> Result<String, RejectionCode> {
    match try_rendition(source, STILL) {
        Ok((_, png)) => Ok(letters(&picture(&png, Format::Png).into_rgba8())),
        Err(RenderError::Rejected(rejection)) => Err(rejection.code()),
        Err(error) => panic!("{error:?}"),
    }
}

/// The frames. Equal ones that follow each other are merged.
fn animation(source: &[u8]) -> Result<Vec<String>, RejectionCode> {
    let webp = match try_rendition(source, ANIMATION) {
        Ok((_, webp)) => webp,
        Err(RenderError::Rejected(rejection)) => return Err(rejection.code()),
        Err(error) => panic!("{error:?}"),
    };
    Ok(match animated_webp::read(&webp) {
        Some(animation) => animation.frames.into_iter().map(|(canvas, _)| letters(&canvas)).collect(),
        None => vec![letters(&picture(&webp, Format::Webp).into_rgba8())],
    })
}

const RED: &str = "rrrr rrrr rrrr rrrr";
const GREEN: &str = "gggg gggg gggg gggg";
const BLUE: &str = "bbbb bbbb bbbb bbbb";
const BLACK: &str = "kkkk kkkk kkkk kkkk";
const CORRUPT: Result<&str, RejectionCode> = Err(RejectionCode::Corrupt);

#[test]
fn a_still_is_shown_as_in_chromium() {
    let start = screen(4, 4, &PALETTE);
    let red = WHOLE.of(1);
    let codes = lzw(2, &[1; 16]);
    let unterminated = [&WHOLE.with_codes(&codes[..codes.len()])[..10], &[2, 200], &codes].concat();
    let short_palette = [b"GIF89a\x04\0\x04\0\x80\0\0", &PALETTE[..6]].concat();
    let cases: Vec<(&str, Vec<u8>, Result<&str, RejectionCode>)> = vec![
        ("plain", file(&[&start, &red, TRAILER]), Ok(RED)),
        ("no trailer", file(&[&start, &red]), Ok(RED)),
        ("no end of its sub-blocks", file(&[&start, &red[..red.len() - 1]]), Ok(RED)),
        ("text behind its frame", file(&[&start, &red, b"text that is no block"]), Ok(RED)),
        ("an extension that is cut", file(&[&start, &red, b"\x21\xFE\x40abc"]), Ok(RED)),
        ("an unknown extension", file(&[&start, b"\x21\x42\x03abc\0", &red, TRAILER]), Ok(RED)),
        ("an unknown extension without content", file(&[&start, b"\x21\x42\0", &red, TRAILER]), Ok(RED)),
        ("a plain text extension", file(&[&start, b"\x21\x01\x0C............\x03abc\0", &red]), Ok(RED)),
        ("an unknown application", file(&[&start, b"\x21\xFF\x0Bdarkroom1.0\x02ab\0", &red]), Ok(RED)),
        ("a short application", file(&[&start, b"\x21\xFF\x03abc\0", &red]), Ok(RED)),
        ("version 87a with extensions", [b"GIF87a", &file(&[&start, &control(0, Some(1)), &red])[6..]].concat(), {
            Ok(".... .... .... ....")
        }),
        ("two controls", file(&[&start, &control(0, Some(1)), &control(0, None), &red]), Ok(RED)),
        ("a screen of 0×0", file(&[&screen(0, 0, &PALETTE), &red]), Ok(RED)),
        ("a screen of no width", file(&[&screen(0, 4, &PALETTE), &red]), Ok(RED)),
        ("a screen smaller than its frame", file(&[&screen(2, 2, &PALETTE), &red]), Ok(RED)),
        ("a frame beyond its screen", file(&[&start, &Image { at: (1, 2), size: (4, 3), ..WHOLE }.of(1)]), {
            Ok("..... ..... .rrrr .rrrr .rrrr")
        }),
        ("a frame wider than its screen", file(&[&start, &Image { size: (5, 2), ..WHOLE }.of(1)]), {
            Ok("rrrrr rrrrr ..... .....")
        }),
        ("no palette", file(&[&screen(4, 4, &[]), &red]), Ok(BLACK)),
        ("an index beyond the palette", file(&[&short_palette, &WHOLE.of(3)]), Ok(BLACK)),
        ("a transparent index beyond the palette", file(&[&short_palette, &control(0, Some(9)), &red]), Ok(RED)),
        ("a frame of 0×0", file(&[&start, &Image { size: (0, 0), ..WHOLE }.of(1)]), Ok(".... .... .... ....")),
        ("codes of one bit", file(&[&start, &Image { code_size: 1, ..WHOLE }.with_codes(&ONE_BIT)]), Ok(RED)),
        ("codes of eight bits", file(&[&start, &Image { code_size: 8, ..WHOLE }.of(1)]), Ok(RED)),
        ("more pixels than it has", file(&[&start, &WHOLE.with_indices(&[1; 40]), TRAILER]), Ok(RED)),
        ("bytes after the end code", file(&[&start, &WHOLE.with_codes(&[&codes[..], &[0xFF; 9]].concat())]), Ok(RED)),
        ("a sub-block beyond the file", file(&[&start, &unterminated]), Ok(RED)),
        ("no end code", file(&[&start, &WHOLE.with_codes(&codes[..codes.len() - 1]), TRAILER]), Ok(RED)),
        ("an end code in its second row", file(&[&start, &WHOLE.with_indices(&[1; 7]), TRAILER]), CORRUPT),
        ("half of its codes", file(&[&start, &WHOLE.with_codes(&codes[..2]), TRAILER]), CORRUPT),
        ("an invalid code", file(&[&start, &WHOLE.with_codes(&[0b1100_1100, 0xFF, 0xFF]), TRAILER]), CORRUPT),
        ("codes of no bits", file(&[&start, &Image { code_size: 0, ..WHOLE }.with_codes(&codes)]), CORRUPT),
        ("codes of nine bits", file(&[&start, &Image { code_size: 9, ..WHOLE }.of(1)]), CORRUPT),
        ("codes of 200 bits", file(&[&start, &Image { code_size: 200, ..WHOLE }.with_codes(&codes)]), CORRUPT),
        ("no frame", file(&[&start, TRAILER]), CORRUPT),
        ("text in place of a frame", file(&[&start, b"text"]), CORRUPT),
    ];
    for (name, source, expected) in cases {
        assert_eq!(still(&source), expected.map(str::to_owned), "{name}");
    }
}

/// 16 pixels of index 1, one by one: clear (2) before each of them, with codes of two bits, and the end (3).
const ONE_BIT: [u8; 9] = [0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x03];

#[test]
fn an_animation_is_shown_as_in_chromium() {
    let start = file(&[&screen(4, 4, &PALETTE), LOOP]);
    let bare = file(&[&screen(4, 4, &[]), LOOP]);
    let [red, green, blue] = [1, 2, 3].map(|index| file(&[&control(0, None), &WHOLE.of(index)]));
    let own = |index| file(&[&control(0, None), &Image { palette: &PALETTE, ..WHOLE }.of(index)]);
    let patch = |disposal, at, side, index| {
        file(&[&control(disposal, None), &Image { at, size: (side, side), ..WHOLE }.of(index)])
    };
    let short = file(&[&control(0, None), &WHOLE.with_indices(&[2; 6])]);
    let codes = lzw(2, &[2; 16]);
    let cut = file(&[&control(0, None), &WHOLE.with_codes(&codes)]);
    type Shown = Result<&'static [&'static str], RejectionCode>;
    let cases: Vec<(&str, Vec<u8>, Shown)> = vec![
        ("plain", file(&[&start, &red, &green, TRAILER]), Ok(&[RED, GREEN])),
        ("no trailer", file(&[&start, &red, &green]), Ok(&[RED, GREEN])),
        ("an unknown extension between", file(&[&start, &red, b"\x21\x42\x03abc\0", &green]), Ok(&[RED, GREEN])),
        ("zeros between", file(&[&start, &red, &[0; 3], &green]), Ok(&[RED])),
        ("a control that is cut", file(&[&start, &red, &green[..4]]), Ok(&[RED])),
        ("a screen smaller than its frames", file(&[&screen(2, 2, &PALETTE), LOOP, &red, &green]), Ok(&[RED, GREEN])),
        ("a second frame larger than the screen", file(&[&start, &red, &patch(0, (0, 0), 6, 2)]), Ok(&[RED, GREEN])),
        ("a second frame outside", file(&[&start, &red, &patch(0, (9, 9), 2, 2), &blue]), Ok(&[RED, BLUE])),
        ("a first frame without a palette", file(&[&bare, &red, &own(2)]), Ok(&[BLACK, GREEN])),
        ("a frame without a palette", file(&[&bare, &own(2), &red, &own(3)]), Ok(&[GREEN, BLACK, BLUE])),
        ("an empty frame", file(&[&start, &red, &patch(0, (0, 0), 0, 2), &blue]), Ok(&[RED, BLUE])),
        (
            "disposal to the background",
            file(&[&start, &patch(2, (0, 0), 4, 1), &patch(0, (0, 0), 2, 2)]),
            Ok(&[RED, "gg.. gg.. .... ...."]),
        ),
        (
            "disposal to what was before, written as 3 and as 4",
            file(&[&start, &red, &patch(3, (0, 0), 2, 2), &patch(4, (0, 0), 2, 3), &patch(0, (3, 3), 1, 2)]),
            Ok(&[RED, "ggrr ggrr rrrr rrrr", "bbrr bbrr rrrr rrrr", "rrrr rrrr rrrr rrrg"]),
        ),
        (
            "an unknown disposal",
            file(&[&start, &patch(5, (0, 0), 4, 1), &patch(7, (0, 0), 2, 2)]),
            Ok(&[RED, "ggrr ggrr rrrr rrrr"]),
        ),
        // Chromium shows the frame without its missing pixels. The still is whole.
        ("a second frame that is cut", file(&[&start, &red, &cut[..cut.len() - 3]]), Err(RejectionCode::Corrupt)),
        ("a second frame that is short", file(&[&start, &red, &short, &blue]), Err(RejectionCode::Corrupt)),
        ("a second frame without a size", file(&[&start, &red, b"\x2C\0\0\0"]), Err(RejectionCode::Corrupt)),
    ];
    for (name, source, expected) in cases {
        let expected = expected.map(|frames| frames.iter().map(|&frame| frame.to_owned()).collect());
        assert_eq!(animation(&source), expected, "{name}");
        assert!(still(&source).is_ok(), "{name}: its first frame is whole");
    }
}

#[test]
fn the_message_says_which_row_of_which_frame_is_missing() {
    let start = file(&[&screen(4, 4, &PALETTE), &WHOLE.of(1)]);
    let short = file(&[&start, &WHOLE.with_indices(&[2; 6])]);
    let error = try_rendition(&short, ANIMATION).unwrap_err();
    assert_eq!(error.to_string(), "the pixels of frame 2 end in row 2 of 4, after 68 % of the picture");
}

#[test]
fn a_long_comment_before_the_first_frame_is_read() {
    let comment = [&[255][..], &[b'a'; 255]].concat().repeat(1000);
    let source = file(&[&screen(0, 0, &PALETTE), b"\x21\xFE", &comment, &[0], &WHOLE.of(1)]);
    let (rendered, _) = rendition(&source, STILL);
    assert_eq!(rendered.source.size, Size::new(4, 4));
}
