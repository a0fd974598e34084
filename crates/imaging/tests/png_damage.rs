//! PNGs that are damaged before, in and behind their pixels. If every pixel was decoded, the picture is whole.
//!
//! Each verdict is beside what Chromium 156 shows of the same file.

#![allow(clippy::unwrap_used)]

mod support;

use imaging::RenderError;
use support::png_file::{
    HEIGHT, SIGNATURE, WIDTH, chunk, colour, compress, end, header, interlaced_rows, pixel_chunks, rgb_rows, rgb_with,
    rows, wrong_checksum,
};
use support::{rendition, try_rendition};

const PNG: &str = r#""format": "png""#;
const SMALL: &str = r#""width": 10, "format": "png""#;

/// What Chromium shows: all pixels, not all of them, or nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Chromium {
    Whole,
    Part,
    Nothing,
}
use Chromium::{Nothing, Part, Whole};

/// A name, a file, and what Chromium shows of it.
type Case = (&'static str, Vec<u8>, Chromium);

/// The picture is rendered, and has the pixels of `whole`.
fn assert_whole(name: &str, source: &[u8], whole: &[u8]) {
    for json in [PNG, SMALL] {
        let found = try_rendition(source, json).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(found == rendition(whole, json), "{name}, {json}: other pixels");
    }
}

/// The picture is rejected with this reason.
fn assert_corrupt(name: &str, source: &[u8], reason: &str) {
    for json in [PNG, SMALL] {
        match try_rendition(source, json) {
            Err(error @ RenderError::Rejected(_)) => {
                let message = error.to_string();
                assert!(message.contains(reason), "{name}: {message}");
            }
            other => panic!("{name}: {other:?}"),
        }
    }
}

fn rgb() -> Vec<u8> {
    header(8, 2, 0)
}

fn stream() -> Vec<u8> {
    compress(&rgb_rows())
}

/// The file of these parts.
fn png(parts: &[&[u8]]) -> Vec<u8> {
    [SIGNATURE, &parts.concat()].concat()
}

fn text() -> Vec<u8> {
    chunk(b"tEXt", b"Comment\0a text behind the pixels")
}

/// Everything up to the last byte of the pixels' checksum.
fn to_pixels() -> Vec<u8> {
    png(&[&rgb(), &chunk(b"IDAT", &stream())])
}

#[test]
fn a_picture_is_whole_with_its_last_pixel_whatever_follows() {
    let false_len = |len: u32| [&len.to_be_bytes()[..], &text()[4..]].concat();
    let ends: Vec<Case> = vec![
        ("nothing", vec![], Whole),
        ("IEND that is cut after its length", end()[..4].to_vec(), Whole),
        ("IEND without its checksum", end()[..8].to_vec(), Whole),
        ("IEND with half of its checksum", end()[..10].to_vec(), Whole),
        ("IEND with a wrong checksum", wrong_checksum(end()), Whole),
        ("IEND with data", chunk(b"IEND", b"abc"), Whole),
        ("text that is cut", text()[..20].to_vec(), Whole),
        ("text with a wrong checksum", [wrong_checksum(text()), end()].concat(), Whole),
        ("text with a length beyond the file", [false_len(0xFF_FFFF), end()].concat(), Whole),
        ("text with the largest length", [false_len(u32::MAX), end()].concat(), Whole),
        ("compressed text that is none", [chunk(b"zTXt", b"key\0\0garbage"), end()].concat(), Whole),
        ("EXIF that is none", [chunk(b"eXIf", b"none"), end()].concat(), Whole),
        ("a chunk that is not known", [chunk(b"abCd", b"123"), end()].concat(), Whole),
        ("a critical chunk that is not known", [chunk(b"ABCD", b"123"), end()].concat(), Whole),
        ("a name that is none", [chunk(b"\x01\x02\x03\x04", b"123"), end()].concat(), Whole),
        ("another header", [rgb(), end()].concat(), Whole),
        ("a palette", [chunk(b"PLTE", b"123456"), end()].concat(), Whole),
        ("other pixels behind text", [text(), chunk(b"IDAT", &stream()), end()].concat(), Whole),
        ("data behind IEND", [end(), b"a video".repeat(50)].concat(), Whole),
        ("another PNG", [end(), rgb_with(b"")].concat(), Whole),
        ("zeros", vec![0; 64], Whole),
        ("noise", (0..99u8).map(|at| at.wrapping_mul(89) ^ 0x5A).collect(), Whole),
    ];
    for (name, end, chromium) in ends {
        assert_eq!(chromium, Whole);
        assert_whole(name, &[to_pixels(), end].concat(), &rgb_with(b""));
    }
}

#[test]
fn checksums_of_the_pixels_may_be_missing_but_not_wrong() {
    let stream = stream();
    let (data, adler) = stream.split_at(stream.len() - 4);
    let idat = |data: &[u8]| chunk(b"IDAT", data);
    let file = to_pixels();
    let whole: Vec<Case> = vec![
        ("several chunks", png(&[&rgb(), &pixel_chunks(&stream, 6).concat(), &end()]), Whole),
        ("the last checksum is missing", file[..file.len() - 4].to_vec(), Whole),
        ("the last checksum is cut", file[..file.len() - 2].to_vec(), Whole),
        ("both checksums are missing", file[..file.len() - 8].to_vec(), Whole),
        ("no Adler-32", png(&[&rgb(), &idat(data), &end()]), Whole),
        ("half an Adler-32", png(&[&rgb(), &idat(&stream[..stream.len() - 2]), &end()]), Whole),
        ("a wrong Adler-32", png(&[&rgb(), &idat(&[data, b"abcd"].concat()), &end()]), Whole),
        ("Adler-32 in a chunk of its own", png(&[&rgb(), &idat(data), &idat(adler), &end()]), Whole),
        ("data behind the stream", png(&[&rgb(), &idat(&[&stream[..], b"more"].concat()), &end()]), Whole),
        ("a chunk behind the stream", png(&[&rgb(), &idat(&stream), &idat(b"more"), &end()]), Whole),
        ("more rows", png(&[&rgb(), &idat(&compress(&[rgb_rows(), vec![0; 500]].concat())), &end()]), Whole),
        ("empty chunks", png(&[&rgb(), &idat(b""), &idat(&stream), &idat(b""), &end()]), Whole),
    ];
    for (name, source, chromium) in whole {
        assert_eq!(chromium, Whole);
        assert_whole(name, &source, &rgb_with(b""));
    }

    let pieces = pixel_chunks(&stream, 6);
    let wrong = |at: usize| {
        let mut pieces = pieces.clone();
        pieces[at] = wrong_checksum(pieces[at].clone());
        png(&[&rgb(), &pieces.concat(), &end()])
    };
    let damaged: Vec<(_, _, Chromium, &str)> = vec![
        ("the first checksum is wrong", wrong(0), Part, "the checksum of the pixels is wrong"),
        ("the third checksum is wrong", wrong(2), Part, "the checksum of the pixels is wrong, after"),
        // Chromium does not look at the checksum after the last row. The pixels may not be those that were written.
        ("the last checksum is wrong", wrong(5), Whole, "the checksum of the pixels is wrong"),
        (
            "a length that is too large",
            png(&[&rgb(), &(u32::try_from(stream.len()).unwrap() + 10).to_be_bytes(), &idat(&stream)[4..], &end()]),
            Whole,
            "the checksum of the pixels is wrong",
        ),
        (
            "the only checksum is wrong",
            png(&[&rgb(), &wrong_checksum(idat(&stream)), &end()]),
            Whole,
            "the checksum of the pixels is wrong",
        ),
    ];
    for (name, source, _, reason) in damaged {
        assert_corrupt(name, &source, reason);
    }
}

#[test]
fn a_picture_without_all_of_its_pixels_is_corrupt_and_the_reason_says_where() {
    let stream = stream();
    let idat = |data: &[u8]| chunk(b"IDAT", data);
    let pieces = pixel_chunks(&stream, 6);
    let half_of_rows = &rgb_rows()[..15 * (3 * WIDTH as usize + 1)];
    let wrong_filter = {
        let mut rows = rgb_rows();
        rows[10 * (3 * WIDTH as usize + 1)] = 9;
        compress(&rows)
    };
    let file = to_pixels();
    let cases: Vec<(_, _, Chromium, &str)> = vec![
        ("the file ends in the middle", file[..file.len() / 2].to_vec(), Part, "the file ends at byte "),
        (
            "the stream ends in the middle",
            png(&[&rgb(), &idat(&stream[..stream.len() / 2]), &end()]),
            Part,
            "the data of the pixels ends",
        ),
        ("rows are missing", png(&[&rgb(), &idat(&compress(half_of_rows)), &end()]), Part, "after 50 % of the picture"),
        ("no data", png(&[&rgb(), &idat(b""), &end()]), Part, "the data of the pixels ends"),
        ("no pixels", png(&[&rgb(), &end()]), Nothing, "it has no pixels"),
        ("nothing behind the header", png(&[&rgb()]), Nothing, "ends within its header"),
        ("no stream", png(&[&rgb(), &idat(&[&b"\0\0"[..], &stream[2..]].concat())]), Part, "are damaged"),
        ("a preset dictionary", png(&[&rgb(), &idat(&[&b"\x78\xBB"[..], &stream[2..]].concat())]), Part, "damaged"),
        (
            "a filter that is none",
            png(&[&rgb(), &idat(&wrong_filter), &end()]),
            Part,
            "damaged, after 33 % of the picture",
        ),
        (
            "a length that is too small",
            png(&[&rgb(), &(u32::try_from(stream.len()).unwrap() - 10).to_be_bytes(), &idat(&stream)[4..], &end()]),
            Part,
            "the checksum of the pixels is wrong",
        ),
        (
            "text between pixels",
            png(&[&rgb(), &pieces[..3].concat(), &text(), &pieces[3..].concat(), &end()]),
            Part,
            "the data of the pixels ends, after",
        ),
    ];
    for (name, source, chromium, reason) in cases {
        assert_ne!(chromium, Whole);
        assert_corrupt(name, &source, reason);
    }
}

#[test]
fn an_interlaced_picture_is_whole_with_its_last_pixel() {
    let stream = compress(&interlaced_rows());
    let file = png(&[&header(8, 2, 1), &chunk(b"IDAT", &stream), &end()]);
    let without_end = file.len() - 12;
    let ends =
        [("whole", file.len()), ("no IEND", without_end), ("no checksum", without_end - 4), ("none", without_end - 8)];
    for (name, len) in ends {
        assert_whole(name, &file[..len], &rgb_with(b""));
    }
    let several = png(&[&header(8, 2, 1), &pixel_chunks(&stream, 7).concat()]);
    assert_whole("several chunks", &several, &rgb_with(b""));
    // 4, 4, 4, 8, 7, 15 and 15 rows in the passes.
    assert_corrupt("cut", &file[..file.len() / 2], "the file ends at byte ");
    let wrong = png(&[&header(8, 2, 1), &wrong_checksum(chunk(b"IDAT", &stream)), &end()]);
    assert_corrupt("a wrong checksum", &wrong, "the checksum of the pixels is wrong");
}

#[test]
fn every_cut_of_a_picture_is_whole_or_corrupt_and_never_half() {
    for (kind, interlace, rows) in [("rows", 0, rgb_rows()), ("passes", 1, interlaced_rows())] {
        let file = png(&[&header(8, 2, interlace), &pixel_chunks(&compress(&rows), 5).concat(), &text(), &end()]);
        let whole = rendition(&file, PNG);
        let mut first_whole = None;
        for len in 0..=file.len() {
            match try_rendition(&file[..len], PNG) {
                Ok(found) => {
                    assert!(found == whole, "{kind} cut at {len}");
                    first_whole.get_or_insert(len);
                }
                Err(RenderError::Rejected(_)) => assert_eq!(first_whole, None, "{kind} cut at {len}"),
                Err(error) => panic!("{kind} cut at {len}: {error}"),
            }
        }
        // The last checksum, and that of the stream, are not needed.
        let pixels = file.len() - text().len() - end().len();
        assert!(first_whole.unwrap() <= pixels - 8, "{kind}: {first_whole:?} of {pixels}");
    }
}

#[test]
fn damage_in_the_header_is_corrupt() {
    let ihdr = |values: [u8; 5]| chunk(b"IHDR", &[&WIDTH.to_be_bytes()[..], &HEIGHT.to_be_bytes(), &values].concat());
    let pixels = chunk(b"IDAT", &stream());
    let headers: Vec<(_, _, Chromium, &str)> = vec![
        ("checksum", wrong_checksum(rgb()), Nothing, "the checksum of its header (IHDR) is wrong"),
        ("a header twice", [rgb(), rgb()].concat(), Nothing, "critical chunk"),
        ("3 bits", ihdr([3, 2, 0, 0, 0]), Nothing, "3 bits for colour type 2, which PNG does not have"),
        ("16 bits indexed", ihdr([16, 3, 0, 0, 0]), Nothing, "16 bits for colour type 3"),
        ("colour type 5", ihdr([8, 5, 0, 0, 0]), Nothing, "8 bits for colour type 5"),
        ("compression 1", ihdr([8, 2, 1, 0, 0]), Nothing, "a method of compression"),
        ("filter 64 (MNG)", ihdr([8, 2, 0, 64, 0]), Nothing, "filtering"),
        ("interlace 2", ihdr([8, 2, 0, 0, 2]), Nothing, "interlacing"),
        ("a critical chunk", [rgb(), chunk(b"ABCD", b"1")].concat(), Nothing, "a critical chunk that is not known"),
        ("a wrong one", [rgb(), wrong_checksum(chunk(b"ABCD", b"1"))].concat(), Nothing, "a critical chunk"),
    ];
    for (name, header, chromium, reason) in headers {
        assert_eq!(chromium, Nothing);
        assert_corrupt(name, &png(&[&header, &pixels, &end()]), reason);
    }
    assert_corrupt("text first", &png(&[&text(), &rgb(), &pixels, &end()]), "must begin with an IHDR chunk");
}

#[test]
fn damage_in_other_chunks_before_the_pixels_does_not_matter() {
    let twice = |chunk: Vec<u8>| chunk.repeat(2);
    let before: Vec<Case> = vec![
        ("text, checksum", wrong_checksum(text()), Whole),
        ("text without a zero", chunk(b"tEXt", b"nonul"), Whole),
        ("empty text", chunk(b"tEXt", b""), Whole),
        ("compressed text that is none", chunk(b"zTXt", b"key\0\0garbage"), Whole),
        ("international text that is none", chunk(b"iTXt", b"garb"), Whole),
        ("background, length", chunk(b"bKGD", b"abc"), Whole),
        ("background, checksum", wrong_checksum(chunk(b"bKGD", &[0; 6])), Whole),
        ("background twice", twice(chunk(b"bKGD", &[0; 6])), Whole),
        ("resolution, length", chunk(b"pHYs", b"abc"), Whole),
        ("resolution, unit", chunk(b"pHYs", &[9; 9]), Whole),
        ("significant bits, values", chunk(b"sBIT", &[9; 3]), Whole),
        ("significant bits, length", chunk(b"sBIT", &[9]), Whole),
        ("time, length", chunk(b"tIME", b"xx"), Whole),
        ("histogram without a palette", chunk(b"hIST", b"xx"), Whole),
        ("suggested palette that is none", chunk(b"sPLT", b"xx"), Whole),
        ("EXIF, empty", chunk(b"eXIf", b""), Whole),
        ("EXIF that is none", chunk(b"eXIf", b"none"), Whole),
        ("long EXIF", chunk(b"eXIf", &[b'M'; 5_000_000]), Whole),
        ("a chunk that is not known", wrong_checksum(chunk(b"abCd", b"x")), Whole),
        ("a name that is none", chunk(b"\x61\x02\x03\x04", b"x"), Whole),
        ("gamma, checksum", wrong_checksum(chunk(b"gAMA", &100_000u32.to_be_bytes())), Whole),
        ("gamma 0", chunk(b"gAMA", &[0; 4]), Whole),
        ("gamma, length", chunk(b"gAMA", &[0, 1, 2]), Whole),
        ("chromaticities, length", chunk(b"cHRM", &[0; 31]), Whole),
        ("sRGB, intent", chunk(b"sRGB", &[9]), Whole),
        ("numbers, length", chunk(b"cICP", &[12, 13, 0, 1, 0]), Whole),
        ("numbers, checksum", wrong_checksum(chunk(b"cICP", &[12, 13, 0, 1])), Whole),
        // Chromium's decoder takes these two for a failure to read the file.
        ("numbers, matrix", chunk(b"cICP", &[12, 13, 1, 1]), Nothing),
        ("numbers, range", chunk(b"cICP", &[12, 13, 0, 2]), Nothing),
        ("a profile that is none", chunk(b"iCCP", b"x\0\0garbage"), Whole),
        ("a profile without a name", chunk(b"iCCP", &[b"\0\0", &compress(b"profile")[..]].concat()), Whole),
        ("a profile with an unknown method", chunk(b"iCCP", &[b"x\0\x01", &compress(b"profile")[..]].concat()), Whole),
        ("a profile that ends within its name", chunk(b"iCCP", b"name"), Whole),
        ("transparency, checksum", wrong_checksum(chunk(b"tRNS", &[0; 6])), Whole),
        ("transparency, length", chunk(b"tRNS", &[0; 5]), Whole),
        // A palette is a suggestion to screens with few colours. Chromium refuses some that are damaged.
        ("palette", chunk(b"PLTE", &[7; 48]), Whole),
        ("palette, 4 bytes", chunk(b"PLTE", &[7; 4]), Whole),
        ("palette, empty", chunk(b"PLTE", b""), Nothing),
        ("palette, too long", chunk(b"PLTE", &[7; 774]), Nothing),
        ("palette, checksum", wrong_checksum(chunk(b"PLTE", &[7; 48])), Nothing),
        ("palette twice", twice(chunk(b"PLTE", &[7; 48])), Nothing),
    ];
    for (name, before, _) in before {
        assert_whole(name, &rgb_with(&before), &rgb_with(b""));
    }
    let too_long = [&u32::MAX.to_be_bytes()[..], &text()[4..]].concat();
    assert_corrupt("text that is longer than the file", &rgb_with(&too_long), "the file ends");
}

#[test]
fn only_the_first_exif_with_a_right_checksum_turns_the_picture() {
    let exif = |orientation: u8| {
        let tiff = [b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", &[orientation][..], &[0; 6]].concat();
        chunk(b"eXIf", &tiff)
    };
    let size = |before: &[u8]| rendition(&rgb_with(before), PNG).0.size.to_string();
    assert_eq!(size(&exif(6)), "30×40");
    assert_eq!(size(&wrong_checksum(exif(6))), "40×30");
    assert_eq!(size(&[wrong_checksum(exif(6)), exif(8)].concat()), "30×40");
    assert_eq!(size(&[exif(3), exif(6)].concat()), "40×30");
}

/// Rows of indices, 8 bits each.
fn indices(colours: u32) -> Vec<u8> {
    compress(&rows(|x, y| vec![((x * 5 + y) % colours).to_le_bytes()[0]]))
}

fn palette(colours: u8) -> Vec<u8> {
    (0..colours).flat_map(|at| [at, 255 - at, at / 2]).collect()
}

#[test]
fn a_palette_that_pixels_need_is_valid_or_the_picture_is_corrupt() {
    let indexed = header(8, 3, 0);
    let pixels = chunk(b"IDAT", &indices(16));
    let file = |chunks: &[Vec<u8>]| png(&[&indexed, &chunks.concat(), &pixels, &end()]);
    let plte = |data: &[u8]| chunk(b"PLTE", data);
    let corrupt: Vec<(_, _, Chromium, &str)> = vec![
        ("missing", file(&[]), Part, "no palette before its pixels"),
        ("behind the pixels", png(&[&indexed, &pixels, &plte(&palette(16))]), Part, "no palette before its pixels"),
        ("empty", file(&[plte(b"")]), Nothing, "not 3 for each of 1 to 256 colours"),
        // libpng refuses lengths that are not divisible by 3. Chromium cuts the last colour.
        ("4 bytes", file(&[plte(&[1, 2, 3, 4])]), Whole, "not 3 for each of 1 to 256 colours"),
        ("47 bytes", file(&[plte(&palette(16)[..47])]), Whole, "not 3 for each of 1 to 256 colours"),
        ("257 colours", file(&[plte(&[7; 771])]), Nothing, "not 3 for each of 1 to 256 colours"),
        ("checksum", file(&[wrong_checksum(plte(&palette(16)))]), Nothing, "the checksum of its palette is wrong"),
        ("twice", file(&[plte(&palette(16)), plte(&palette(16))]), Nothing, "two palettes"),
    ];
    for (name, source, _, reason) in corrupt {
        assert_corrupt(name, &source, reason);
    }

    let sound = file(&[plte(&palette(16))]);
    let trns = |data: &[u8]| chunk(b"tRNS", data);
    let ignored: Vec<(_, Vec<Vec<u8>>)> = vec![
        ("more colours than pixels use", vec![plte(&palette(200))]),
        ("transparency before the palette", vec![trns(&[0; 16]), plte(&palette(16))]),
        ("empty transparency", vec![plte(&palette(16)), trns(b"")]),
        ("transparency of 257 colours", vec![plte(&palette(16)), trns(&[0; 257])]),
        ("transparency with a wrong checksum", vec![plte(&palette(16)), wrong_checksum(trns(&[0; 16]))]),
    ];
    for (name, chunks) in ignored {
        assert_whole(name, &file(&chunks), &sound);
    }
    let transparent = file(&[plte(&palette(16)), trns(&[0; 3])]);
    let second = file(&[plte(&palette(16)), trns(&[0; 3]), trns(&[99; 16])]);
    assert_whole("transparency twice", &second, &transparent);
    assert!(rendition(&transparent, PNG) != rendition(&sound, PNG));
}

#[test]
fn pixels_without_a_colour_in_the_palette_have_the_last_one() {
    let file = |palette: &[u8], alphas: &[u8]| {
        let chunks = [chunk(b"PLTE", palette), chunk(b"tRNS", alphas)].concat();
        png(&[&header(8, 3, 0), &chunks, &chunk(b"IDAT", &indices(200)), &end()])
    };
    let padded = [palette(16), palette(16)[45..].repeat(200 - 16)].concat();
    assert_whole("opaque", &file(&palette(16), &[9]), &file(&padded, &[9]));
    let [alphas, others] = [(0..16).collect::<Vec<u8>>(), vec![15; 200 - 16]];
    let expected = file(&padded, &[&alphas[..], &others].concat());
    assert_whole("transparent", &file(&palette(16), &alphas), &expected);
    let more_than_colours = [&alphas[..], &[99; 20]].concat();
    assert_whole("more alphas than colours", &file(&palette(16), &more_than_colours), &expected);
}

#[test]
fn a_damaged_animation_has_its_still_picture() {
    let control = |seq: u32, width: u32, height: u32, left: u32, last: [u8; 2]| {
        let numbers = [seq, width, height, left, 0].map(u32::to_be_bytes).concat();
        chunk(b"fcTL", &[&numbers[..], &[0, 10, 0, 100], &last].concat())
    };
    let fctl = |seq: u32| control(seq, WIDTH, HEIGHT, 0, [0; 2]);
    let red = compress(&rows(|_, _| vec![255, 0, 0]));
    let fdat = |seq: u32| chunk(b"fdAT", &[&seq.to_be_bytes()[..], &red].concat());
    let actl = |frames: u32| chunk(b"acTL", &[frames.to_be_bytes(), [0; 4]].concat());
    let still = chunk(b"IDAT", &stream());
    let second = || [fctl(1), fdat(2)].concat();
    let cases: Vec<(_, Vec<Vec<u8>>, Chromium)> = vec![
        ("whole", vec![actl(2), fctl(0), still.clone(), second()], Whole),
        ("a gap in the sequence", vec![actl(2), fctl(0), still.clone(), fctl(5), fdat(6)], Whole),
        ("a gap before data", vec![actl(2), fctl(0), still.clone(), fctl(1), fdat(9)], Whole),
        ("fewer frames", vec![actl(9), fctl(0), still.clone(), second()], Whole),
        ("more frames", vec![actl(1), fctl(0), still.clone(), second()], Whole),
        ("no frames", vec![actl(0), fctl(0), still.clone(), second()], Whole),
        ("a thousand million frames", vec![actl(1_000_000_000), fctl(0), still.clone(), second()], Whole),
        ("an invalid number of frames", vec![actl(u32::MAX), fctl(0), still.clone(), second()], Whole),
        ("no control of the second frame", vec![actl(2), fctl(0), still.clone(), fdat(1)], Whole),
        (
            "the second frame outside",
            vec![actl(2), fctl(0), still.clone(), control(1, 99, 99, 9, [0; 2]), fdat(2)],
            Whole,
        ),
        ("the second frame empty", vec![actl(2), fctl(0), still.clone(), control(1, 0, 0, 0, [0; 2]), fdat(2)], Whole),
        ("data of 3 bytes", vec![actl(2), fctl(0), still.clone(), fctl(1), chunk(b"fdAT", b"abc")], Whole),
        ("data that is none", vec![actl(2), fctl(0), still.clone(), fctl(1), chunk(b"fdAT", b"\0\0\0\x02ab")], Whole),
        ("data that is cut", vec![actl(2), fctl(0), still.clone(), fctl(1), fdat(2)[..30].to_vec()], Whole),
        ("data with a wrong checksum", vec![actl(2), fctl(0), still.clone(), fctl(1), wrong_checksum(fdat(2))], Whole),
        ("control behind the pixels", vec![fctl(0), still.clone(), actl(2), second()], Whole),
        ("control twice", vec![actl(2), actl(3), fctl(0), still.clone()], Whole),
        ("control with a wrong length", vec![chunk(b"acTL", b"abc"), fctl(0), still.clone(), second()], Whole),
        ("control with a wrong checksum", vec![wrong_checksum(actl(2)), fctl(0), still.clone(), second()], Whole),
        ("two controls of the first frame", vec![actl(2), fctl(0), fctl(1), still.clone()], Whole),
        // Chromium refuses pictures whose first frame is invalid, or shows them empty. The still picture is whole.
        ("no control of any frame", vec![actl(2), still.clone(), fdat(0)], Part),
        ("a wrong checksum of the first frame", vec![actl(2), wrong_checksum(fctl(0)), still.clone(), second()], Part),
        ("the sequence begins with 1", vec![actl(2), fctl(1), still.clone(), fctl(2), fdat(3)], Nothing),
        ("a control that is too short", vec![actl(2), chunk(b"fcTL", &[0; 25]), still.clone()], Nothing),
        ("the first frame is smaller", vec![actl(2), control(0, 20, 20, 0, [0; 2]), still.clone(), second()], Nothing),
        ("the first frame is moved", vec![actl(2), control(0, WIDTH, HEIGHT, 1, [0; 2]), still.clone()], Nothing),
        ("an unknown disposal", vec![actl(2), control(0, WIDTH, HEIGHT, 0, [9, 0]), still.clone(), second()], Nothing),
        ("data before the still picture", vec![actl(1), fctl(0), fdat(1), still.clone()], Nothing),
        // A browser plays the frames. Readers that do not know APNG show the still picture.
        ("a still picture of its own", vec![actl(1), still.clone(), fctl(0), fdat(1)], Part),
    ];
    for (name, chunks, _) in cases {
        let source = png(&[&rgb(), &chunks.concat(), &end()]);
        assert_whole(name, &source, &rgb_with(b""));
        let imaging::Probe::Header(found) = imaging::probe(&source, source.len() as u64).unwrap() else { panic!() };
        imaging::Policy::default().judge(&found).unwrap_or_else(|rejection| panic!("{name}: {rejection}"));
    }
}

#[test]
fn the_rendition_of_the_test_picture_has_its_colours() {
    let picture = support::picture(&rendition(&rgb_with(b""), PNG).1, imaging::Format::Png).into_rgb8();
    for (x, y, pixel) in picture.enumerate_pixels() {
        assert_eq!(pixel.0, colour(x, y));
    }
}

#[test]
fn pictures_of_other_programs_are_judged_by_their_pixels() {
    let red = |source: &[u8]| {
        let (rendered, bytes) = rendition(source, PNG);
        (rendered.size.to_string(), support::picture(&bytes, imaging::Format::Png).into_rgb8().get_pixel(5, 5).0)
    };
    let near = |found: [u8; 3], expected: [u8; 3]| found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 4);
    let (size, colour) = red(include_bytes!("pictures/png-no-iend.png"));
    assert!(size == "320×240" && near(colour, [200, 40, 40]), "{size} {colour:?}");
    assert_eq!(red(include_bytes!("pictures/apng-sequence-gap.png")).0, "80×60");
    assert_corrupt(
        "palette of 4 bytes",
        include_bytes!("pictures/png-plte-of-4-bytes-panics.png"),
        "not 3 for each of 1 to 256 colours",
    );
}

#[test]
fn a_picture_whose_last_rows_are_in_a_few_bytes_is_whole() {
    // 200,000×9 px of black. The decoder holds the last rows back until the data end.
    let source = include_bytes!("pictures/png-last-rows-in-few-bytes.png");
    for source in [&source[..], &source[..source.len() - 12]] {
        assert!(try_rendition(source, SMALL).is_ok());
    }
}
