//! Limits of the header, of sizes, scans and time; panics.

use super::*;

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
