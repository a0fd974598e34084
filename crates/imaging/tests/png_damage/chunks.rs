//! Chunks before the pixels: the header, other chunks, the palette.

use super::*;

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
        ("invalid compressed text", chunk(b"zTXt", b"key\0\0garbage"), Whole),
        ("invalid international text", chunk(b"iTXt", b"garb"), Whole),
        ("background, length", chunk(b"bKGD", b"abc"), Whole),
        ("background, checksum", wrong_checksum(chunk(b"bKGD", &[0; 6])), Whole),
        ("background twice", twice(chunk(b"bKGD", &[0; 6])), Whole),
        ("resolution, length", chunk(b"pHYs", b"abc"), Whole),
        ("resolution, unit", chunk(b"pHYs", &[9; 9]), Whole),
        ("significant bits, values", chunk(b"sBIT", &[9; 3]), Whole),
        ("significant bits, length", chunk(b"sBIT", &[9]), Whole),
        ("time, length", chunk(b"tIME", b"xx"), Whole),
        ("histogram without a palette", chunk(b"hIST", b"xx"), Whole),
        ("an invalid suggested palette", chunk(b"sPLT", b"xx"), Whole),
        ("EXIF, empty", chunk(b"eXIf", b""), Whole),
        ("invalid EXIF", chunk(b"eXIf", b"none"), Whole),
        ("long EXIF", chunk(b"eXIf", &[b'M'; 5_000_000]), Whole),
        ("a chunk that is not known", wrong_checksum(chunk(b"abCd", b"x")), Whole),
        ("an invalid name", chunk(b"\x61\x02\x03\x04", b"x"), Whole),
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
        ("an invalid profile", chunk(b"iCCP", b"x\0\0garbage"), Whole),
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
