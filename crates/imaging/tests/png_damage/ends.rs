//! Files that end early, and what may stand behind the pixels.

use super::*;

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
        ("invalid compressed text", [chunk(b"zTXt", b"key\0\0garbage"), end()].concat(), Whole),
        ("invalid EXIF", [chunk(b"eXIf", b"none"), end()].concat(), Whole),
        ("a chunk that is not known", [chunk(b"abCd", b"123"), end()].concat(), Whole),
        ("a critical chunk that is not known", [chunk(b"ABCD", b"123"), end()].concat(), Whole),
        ("an invalid name", [chunk(b"\x01\x02\x03\x04", b"123"), end()].concat(), Whole),
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
        ("an unknown filter", png(&[&rgb(), &idat(&wrong_filter), &end()]), Part, "damaged, after 33 % of the picture"),
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
    let (size, colour) = red(include_bytes!("../pictures/png-no-iend.png"));
    assert!(size == "320×240" && near(colour, [200, 40, 40]), "{size} {colour:?}");
    assert_eq!(red(include_bytes!("../pictures/apng-sequence-gap.png")).0, "80×60");
    assert_corrupt(
        "palette of 4 bytes",
        include_bytes!("../pictures/png-plte-of-4-bytes-panics.png"),
        "not 3 for each of 1 to 256 colours",
    );
}

#[test]
fn a_picture_whose_last_rows_are_in_a_few_bytes_is_whole() {
    // 200,000×9 px of black. The decoder holds the last rows back until the data end.
    let source = include_bytes!("../pictures/png-last-rows-in-few-bytes.png");
    for source in [&source[..], &source[..source.len() - 12]] {
        assert!(try_rendition(source, SMALL).is_ok());
    }
}
