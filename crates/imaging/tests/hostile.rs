//! Damaged and truncated pictures, pictures with false values, and readers and writers that fail. Each case has its own
//! error, and none causes a panic or an incomplete picture.

#![allow(clippy::unwrap_used)]

mod support;

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

#[test]
fn a_truncated_picture_is_rejected() {
    for (name, source) in SOURCES.iter() {
        for part in 0..64 {
            let cut = &source[..source.len() * part / 64];
            for json in [SMALL, FULL, MOVING] {
                match try_rendition(cut, json) {
                    Err(RenderError::Rejected(_)) => {}
                    // The first frame may be complete without the others.
                    Ok(rendered) if *name == "gif" && json != MOVING => {
                        assert_eq!(rendered, rendition(source, json), "{name} at {part}/64");
                    }
                    // All its pixels are there. That frames are missing behind them cannot be known.
                    Ok((rendered, _)) if *name == "gif" && rendered.frames < 3 => {}
                    other => panic!("{name} truncated at {part}/64: {other:?}"),
                }
            }
        }
    }
}

#[test]
fn a_picture_without_its_last_byte_is_corrupt() {
    // A JPEG does not need its EOI marker.
    for (name, source) in SOURCES.iter().filter(|(name, _)| !name.ends_with("jpeg")) {
        let cut = &source[..source.len() - 1];
        for json in [MOVING, SMALL, FULL] {
            if *name == "gif" || name.starts_with("png") {
                // The trailer of a GIF says nothing, and neither does the end of a PNG.
                assert_eq!(rendition(cut, json), rendition(source, json), "{name}");
            } else if name.contains("webp") && cut.len() % 2 == 1 && try_rendition(cut, json).is_ok() {
                // The last byte fills the last chunk up to an even length.
                assert_eq!(rendition(cut, json), rendition(source, json), "{name}");
            } else {
                assert_eq!(rejection(cut, json), RejectionCode::Corrupt, "{name}");
            }
        }
    }
}

#[test]
fn a_jpeg_is_whole_with_its_last_pixel() {
    let whole = chart::jpeg(SIZE, Orientation::UPRIGHT);
    let pixels = &whole[..whole.len() - 2];
    let ends: [(&str, &[u8]); 6] = [
        ("no end", b""),
        ("half an end", b"\xFF"),
        ("a video", b"\0\0\0\x18ftypmp42"),
        ("another picture", &whole),
        ("zeros behind its end", &[0xFF, 0xD9, 0, 0, 0]),
        ("a segment that is cut", b"\xFF\xE1\xFF\xFFExif"),
    ];
    // Decoded by our own decoder, by libjpeg (which upsamples chroma), and in part.
    for json in [SMALL, FULL, r#""width": 50, "height": 10, "fit": "cover", "format": "png""#] {
        let expected = rendition(&whole, json);
        for (name, end) in ends {
            assert_eq!(rendition(&[pixels, end].concat(), json), expected, "{name}");
        }
    }
    // The last three bytes hold pixels.
    let cut = &pixels[..pixels.len() - 3];
    for json in [SMALL, FULL] {
        assert_eq!(rejection(cut, json), RejectionCode::Corrupt);
    }
}

#[test]
fn spectral_fields_of_a_sequential_scan_are_ignored() {
    let whole = chart::jpeg(SIZE, Orientation::UPRIGHT);
    let scan = whole.windows(2).position(|marker| marker == b"\xFF\xDA").unwrap();
    let spectrum = scan + 2 + 12 - 3;
    assert_eq!(whole[spectrum..spectrum + 3], [0, 63, 0]);
    for said in [[0, 0, 0], [0, 63, 0x11], [1, 1, 1], [63, 0, 0xFF]] {
        let mut odd = whole.clone();
        odd[spectrum..spectrum + 3].copy_from_slice(&said);
        for json in [SMALL, FULL] {
            assert_eq!(rendition(&odd, json), rendition(&whole, json), "{said:?}");
        }
    }
}

#[test]
fn a_jpeg_with_a_hole_is_corrupt() {
    let source = chart::jpeg(SIZE, Orientation::UPRIGHT);
    let mut holed = source.clone();
    let middle = source.len() / 2;
    // A second start of image within the first one's pixels.
    holed[middle..middle + 2].copy_from_slice(b"\xFF\xD8");
    assert_eq!(rejection(&holed, FULL), RejectionCode::Corrupt);
}

#[test]
fn invalid_alpha_is_corrupt_and_not_a_lack_of_memory() {
    let mut source = SOURCES.iter().find(|(name, _)| *name == "webp with alpha").unwrap().1.clone();
    let alpha = source.windows(4).position(|name| name == b"ALPH").unwrap();
    // An unknown compression method, which libwebp reports as a lack of memory.
    source[alpha + 8] |= 3;
    assert_eq!(rejection(&source, FULL), RejectionCode::Corrupt);
}

#[test]
fn bytes_after_a_webp_are_ignored() {
    let mut source = chart::encoded(SIZE, Encoding::WebpLossless);
    let expected = rendition(&source, SMALL);
    source.extend([0; 300_000]);
    assert_eq!(rendition(&source, SMALL), expected);
}

#[test]
fn a_header_within_the_limit_is_rendered_and_a_longer_one_is_rejected_with_both_numbers() {
    let png = chart::encoded(SIZE, Encoding::Png);
    let (header, pixels) = png.split_at(33);
    let text = vec![b'a'; 9_000_000];
    let len = u32::try_from(text.len()).unwrap().to_be_bytes();
    let mut long = [header, &len, b"tEXt", &text, &[0; 4], pixels].concat();
    long.resize(30_000_000, 0);
    assert_eq!(rendition(&long, SMALL), rendition(&png, SMALL));

    let jpeg = chart::jpeg(SIZE, Orientation::UPRIGHT);
    let segment = [b"\xFF\xE2\xFF\xFFICC_PROFILE\0".as_slice(), &[0; 65_521]].concat();
    let too_long = [&jpeg[..2], &segment.repeat(257), &jpeg[2..]].concat();
    let error = try_rendition(&too_long, SMALL).unwrap_err();
    assert_eq!(error.to_string(), "the header has at least 16777475 bytes, more than the limit of 16777216");
}

#[test]
fn a_png_whose_checksum_is_wrong_is_corrupt() {
    let mut source = chart::encoded(SIZE, Encoding::Png);
    let middle = source.len() / 2;
    source[middle] ^= 1;
    assert_eq!(rejection(&source, FULL), RejectionCode::Corrupt);
}

/// Overwrites the bytes that begin `skip` bytes after the first `marker`.
fn patched(source: &[u8], marker: &[u8], skip: usize, patch: &[u8]) -> Vec<u8> {
    let mut source = source.to_vec();
    let at = source.windows(marker.len()).position(|window| window == marker).unwrap();
    source[at + marker.len() + skip..][..patch.len()].copy_from_slice(patch);
    source
}

#[test]
fn a_small_file_that_claims_to_be_huge_is_corrupt() {
    let file = |name: &str| &SOURCES.iter().find(|(found, _)| *found == name).unwrap().1;
    let side = 60_000u16.to_be_bytes();
    let jpeg_sides = [side, side].concat();
    let sources = [
        patched(file("jpeg"), b"\xFF\xC0", 3, &jpeg_sides),
        patched(file("progressive jpeg"), b"\xFF\xC2", 3, &jpeg_sides),
        patched(file("webp"), b"\x9D\x01\x2A", 0, b"\xFF\x3F\xFF\x3F"),
        // The screen, and the frame on it.
        patched(&patched(file("gif"), b"GIF89a", 0, b"\xFF\xEF\xFF\xEF"), b"\x2C\0\0\0\0", 0, b"\xFF\xEF\xFF\xEF"),
    ];
    for source in sources {
        assert_eq!(rejection(&source, SMALL), RejectionCode::Corrupt);
    }
}

#[test]
fn a_picture_with_the_longest_sides_is_rejected_before_memory_is_allocated() {
    let side = u32::MAX.to_be_bytes();
    let tiff_side = |tag: u8| [&[tag, 1, 4, 0, 1, 0, 0, 0][..], &[0xFF; 4]].concat();
    let sources = [
        ("qoi", [&b"qoif"[..], &side, &side, &[4, 0], &[0xFD; 9]].concat()),
        ("wide qoi", [&b"qoif"[..], &side, &[0, 0, 0, 1, 4, 0], &[0xFD; 9]].concat()),
        ("pnm", b"P6\n4294967295 4294967295 255\n".to_vec()),
        (
            "bmp",
            [&b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\xFF\xFF\xFF\x7F\0\0\0\x80\x01\0\x18"[..], &[0; 99]].concat(),
        ),
        (
            "tiff",
            [
                &b"II*\0\x08\0\0\0\x09\0"[..],
                &tiff_side(0),
                &tiff_side(1),
                b"\x02\x01\x03\0\x01\0\0\0\x08\0\0\0\x03\x01\x03\0\x01\0\0\0\x01\0\0\0",
                b"\x06\x01\x03\0\x01\0\0\0\x01\0\0\0\x11\x01\x04\0\x01\0\0\0\x08\0\0\0",
                b"\x15\x01\x03\0\x01\0\0\0\x01\0\0\0\x16\x01\x04\0\x01\0\0\0\x01\0\0\0",
                b"\x17\x01\x04\0\x01\0\0\0\x08\0\0\0\0\0\0\0",
            ]
            .concat(),
        ),
    ];
    for (name, source) in sources {
        for json in [SMALL, FULL, MOVING] {
            assert_eq!(rejection(&source, json), RejectionCode::TooMuchMemory, "{name} with {json}");
        }
    }
}

/// A progressive JPEG with this number of scans over the same flat pixels. Each scan but the first adds one bit to one
/// coefficient.
fn many_scans(scans: usize) -> Vec<u8> {
    let table = |class: u8, symbol: u8| {
        // One code of one bit, 0.
        [&[0xFF, 0xC4, 0, 20, class, 1][..], &[0; 15], &[symbol]].concat()
    };
    let scan =
        |start: u8, end: u8, bits: u8, data: &[u8]| [&[0xFF, 0xDA, 0, 8, 1, 1, 0, start, end, bits], data].concat();
    let mut jpeg = [&[0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0][..], &[1; 64]].concat();
    jpeg.extend([table(0, 0), table(0x10, 0xE0)].concat());
    // 64 blocks of one component.
    jpeg.extend([0xFF, 0xC2, 0, 11, 8, 0, 64, 0, 64, 1, 1, 0x11, 0]);
    jpeg.extend(scan(0, 0, 0, &[0; 8]));
    for number in 1..scans {
        // Each coefficient is refined bit by bit, from 14 bits to the last.
        let (coefficient, low) = (number.div_ceil(14), 13 - (number - 1) % 14);
        let [coefficient, low] = [coefficient, low].map(|number| number.to_le_bytes()[0]);
        let high = if low == 13 { 0 } else { low + 1 };
        // The end of the band in all blocks takes 15 bits.
        jpeg.extend(scan(coefficient, coefficient, high << 4 | low, &[0; 2]));
    }
    jpeg.extend([0xFF, 0xD9]);
    jpeg
}

#[test]
fn a_hundred_scans_are_decoded_and_one_more_is_rejected() {
    for json in [SMALL, FULL] {
        assert_eq!(rendition(&many_scans(100), json).0.source.size, Size::new(64, 64));
        let Err(RenderError::Rejected(rejection)) = try_rendition(&many_scans(101), json) else {
            panic!("101 scans were decoded")
        };
        assert_eq!(rejection.code(), RejectionCode::TooManyScans);
        assert!(rejection.to_string().contains("101 scans, more than the limit of 100"));
    }
}

fn within(limit: Duration) -> RenderOptions {
    RenderOptions { limit, ..RenderOptions::default() }
}

#[test]
fn every_format_stops_when_the_time_is_up() {
    for (name, source) in SOURCES.iter() {
        for json in [SMALL, FULL, MOVING] {
            let outcome = render_within(within(Duration::ZERO), &**source, &spec(json), Vec::new());
            let Err(RenderError::Rejected(rejection)) = outcome else { panic!("{name} with {json}: {outcome:?}") };
            assert_eq!(rejection.code(), RejectionCode::TooMuchTime, "{name} with {json}");
        }
    }
}

#[test]
fn bytes_without_pixels_take_time_too() {
    // A GIF of 8×8 px. Its data are clear codes, eight in three bytes, each of which resets the decoder.
    let screen = b"GIF89a\x08\0\x08\0\x80\0\0\0\0\0\xFF\xFF\xFF";
    let frame = b"\x2C\0\0\0\0\x08\0\x08\0\0\x02";
    let block = [&[255][..], &b"\x24\x49\x92".repeat(85)].concat();
    let source = [&screen[..], frame, &block.repeat(40_000)].concat();
    let limit = Duration::from_millis(1);
    let outcome = render_within(within(limit), source.as_slice(), &spec(SMALL), Vec::new());
    let Err(RenderError::Rejected(rejection)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(rejection.code(), RejectionCode::TooMuchTime);
}

/// A reader that panics in place of the decoder that reads from it.
struct Panicking;

impl Read for Panicking {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        panic!("this panic is part of the test")
    }
}

#[test]
fn a_panic_is_a_rejection() {
    let source = chart::jpeg(Size::new(3200, 2400), Orientation::UPRIGHT);
    let rendered = |len: usize, decoder| {
        let source = source[..len].chain(Panicking);
        render_within(
            RenderOptions { jpeg_decoder: decoder, ..RenderOptions::default() },
            source,
            &spec(SMALL),
            Vec::new(),
        )
    };
    let half = source.len() / 2;
    assert!(half > 128 * 1024, "the header reader buffers all of it");
    // At the first byte, and with libjpeg half-way.
    for (len, decoder) in [(0, JpegDecoder::Own), (half, JpegDecoder::Libjpeg)] {
        let outcome = rendered(len, decoder);
        let Err(RenderError::Rejected(rejection)) = outcome else { panic!("{outcome:?}") };
        assert_eq!(rejection.code(), RejectionCode::Corrupt);
    }
    // With our own decoder half-way: libjpeg has to decide.
    let outcome = rendered(half, JpegDecoder::Own);
    assert!(matches!(outcome, Err(RenderError::JpegDecoderPanicked)), "{outcome:?}");
}

#[test]
fn an_empty_file_and_text_are_rejected() {
    assert_eq!(rejection(b"", FULL), RejectionCode::Empty);
    assert_eq!(rejection(b"Dear Sir or Madam", FULL), RejectionCode::NotAnImage);
}

/// Returns a few bytes at a time, with interruptions, and fails after the first `whole` bytes.
struct Flaky<'a> {
    bytes: &'a [u8],
    whole: usize,
    is_interrupted: bool,
}

impl Read for Flaky<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.is_interrupted = !self.is_interrupted;
        if self.is_interrupted {
            return Err(io::ErrorKind::Interrupted.into());
        }
        if self.whole == 0 && !self.bytes.is_empty() {
            return Err(io::Error::new(io::ErrorKind::ConnectionReset, "connection lost"));
        }
        let len = out.len().min(997).min(self.whole).min(self.bytes.len());
        out[..len].copy_from_slice(&self.bytes[..len]);
        self.bytes = &self.bytes[len..];
        self.whole -= len;
        Ok(len)
    }
}

#[test]
fn short_reads_and_interruptions_make_no_difference() {
    for (name, source) in SOURCES.iter() {
        let mut out = Vec::new();
        let flaky = Flaky { bytes: source, whole: source.len(), is_interrupted: false };
        render(flaky, &spec(SMALL), &mut out).unwrap();
        assert_eq!(out, rendition(source, SMALL).1, "{name}");
    }
}

#[test]
fn a_failed_read_is_the_readers_fault() {
    // Large enough that the header was read before the connection is lost.
    let size = Size::new(1600, 1200);
    let quality = Quality::try_from(100).unwrap();
    let sources = [
        chart::encoded(size, Encoding::Jpeg { quality, scan_mode: ScanMode::Baseline }),
        chart::encoded(size, Encoding::Png),
        chart::encoded(size, Encoding::Webp { quality, method: Method::DEFAULT }),
    ];
    for source in sources {
        for whole in [0, 100, source.len() / 2, source.len() * 9 / 10] {
            let flaky = Flaky { bytes: &source, whole, is_interrupted: false };
            match render(flaky, &spec(SMALL), &mut Vec::new()) {
                Err(RenderError::Read(error)) => {
                    assert_eq!(error.to_string(), "connection lost");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

/// Accepts `room` bytes, then fails.
struct Full {
    room: usize,
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.room == 0 {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "disk full"));
        }
        let len = bytes.len().min(self.room);
        self.room -= len;
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_failed_write_is_the_writers_fault() {
    let source = chart::jpeg(SIZE, Orientation::UPRIGHT);
    for format in ["jpeg", "png", "webp"] {
        let json = format!(r#""format": "{format}""#);
        let len = rendition(&source, &json).1.len();
        for room in [0, 1, len / 2, len - 1] {
            match render(source.as_slice(), &spec(&json), Full { room }) {
                Err(RenderError::Write(error)) => assert_eq!(error.to_string(), "disk full"),
                other => panic!("{format} with room for {room}: {other:?}"),
            }
        }
        assert!(render(source.as_slice(), &spec(&json), Full { room: len }).is_ok());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_damaged_picture_causes_no_panic_and_no_other_error_than_a_rejection(
        sample in 0..SOURCES.len(),
        json in prop::sample::select(vec![SMALL, MOVING]),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut source = SOURCES[sample].1.clone();
        for (at, byte) in damage {
            *at.get_mut(&mut source) = byte;
        }
        // Skips damage that makes the picture very large, which would take long.
        if let Ok(imaging::Probe::Header(header)) = imaging::probe(&source, source.len() as u64)
            && header.size.pixels() > 4_000_000
        {
            return Ok(());
        }
        match try_rendition(&source, json) {
            Ok(_) | Err(RenderError::Rejected(_)) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
}
