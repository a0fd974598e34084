//! TIFF and BigTIFF: every layout of pixels that is read, names of those that are not, and damaged files.

#![allow(clippy::unwrap_used)]

mod support;

use std::io::Write;

use imaging::{Format, HeaderReader, HeaderStep, RejectionCode, RenderError, Size};
use support::{letters::letters, picture, try_rendition};

const BITS: u16 = 258;
const COMPRESSION: u16 = 259;
const COLOURS: u16 = 262;
const FILL_ORDER: u16 = 266;
const ORIENTATION: u16 = 274;
const SAMPLES: u16 = 277;
const ROWS_PER_STRIP: u16 = 278;
const PLANAR: u16 = 284;
const PREDICTOR: u16 = 317;
const PALETTE: u16 = 320;
const TILE_WIDTH: u16 = 322;
const TILE_HEIGHT: u16 = 323;
const EXTRA_SAMPLES: u16 = 338;
const SAMPLE_FORMAT: u16 = 339;

/// A file to be. It begins as 4×4 px of RGB in one strip.
#[derive(Clone)]
struct Tiff {
    is_big_endian: bool,
    is_big_tiff: bool,
    /// Tags with their values, which are shorts.
    tags: Vec<(u16, Vec<u16>)>,
    chunks: Vec<Vec<u8>>,
    /// Bytes between the pixels and the directory.
    gap: usize,
}

fn tiff(tags: &[(u16, &[u16])], chunks: &[Vec<u8>]) -> Tiff {
    let base: [(u16, &[u16]); 6] =
        [(256, &[4]), (257, &[4]), (BITS, &[8, 8, 8]), (COLOURS, &[2]), (SAMPLES, &[3]), (COMPRESSION, &[1])];
    let is_given = |tag: u16| tags.iter().any(|(given, _)| *given == tag);
    let base = base.iter().filter(|(tag, _)| !is_given(*tag));
    let tags = base.chain(tags).map(|(tag, values)| (*tag, values.to_vec())).collect();
    Tiff { is_big_endian: false, is_big_tiff: false, tags, chunks: chunks.to_vec(), gap: 0 }
}

impl Tiff {
    fn number(&self, number: u64, len: usize) -> Vec<u8> {
        let mut bytes = number.to_le_bytes()[..len].to_vec();
        if self.is_big_endian {
            bytes.reverse();
        }
        bytes
    }

    /// The file: pixels, then long values, then the directory.
    fn bytes(&self) -> Vec<u8> {
        let wide = if self.is_big_tiff { 8 } else { 4 };
        let header_len = if self.is_big_tiff { 16 } else { 8 };
        let mut body = Vec::new();
        let (mut offsets, mut lens) = (Vec::new(), Vec::new());
        for chunk in &self.chunks {
            offsets.push((header_len + body.len()) as u64);
            lens.push(chunk.len() as u64);
            body.extend(chunk);
        }
        body.resize(body.len() + self.gap, 0);
        let is_tiled = self.tags.iter().any(|(tag, _)| *tag == TILE_WIDTH);
        let (offsets_tag, lens_tag) = if is_tiled { (324, 325) } else { (273, 279) };
        let shorts = self.tags.iter().map(|(tag, values)| {
            (
                *tag,
                3u64,
                values.iter().flat_map(|&value| self.number(value.into(), 2)).collect::<Vec<u8>>(),
                values.len(),
            )
        });
        let longs = [(offsets_tag, offsets), (lens_tag, lens)].map(|(tag, values)| {
            let bytes: Vec<u8> = values.iter().flat_map(|&value| self.number(value, 4)).collect();
            (tag, 4u64, bytes, values.len())
        });
        let mut entries: Vec<_> = shorts.chain(longs).collect();
        entries.sort_by_key(|entry| entry.0);
        let mut directory = self.number(entries.len() as u64, if self.is_big_tiff { 8 } else { 2 });
        for (tag, kind, values, count) in entries {
            directory.extend(self.number(tag.into(), 2));
            directory.extend(self.number(kind, 2));
            directory.extend(self.number(count as u64, wide));
            if values.len() <= wide {
                let mut values = values;
                values.resize(wide, 0);
                directory.extend(values);
            } else {
                directory.extend(self.number((header_len + body.len()) as u64, wide));
                body.extend(values);
            }
        }
        directory.extend(vec![0; wide]);
        let at = self.number((header_len + body.len()) as u64, wide);
        let order: &[u8] = if self.is_big_endian { b"MM" } else { b"II" };
        let version = self.number(if self.is_big_tiff { 43 } else { 42 }, 2);
        let sizes = if self.is_big_tiff { [self.number(8, 2), vec![0; 2]].concat() } else { Vec::new() };
        [order, &version, &sizes, &at, &body, &directory].concat()
    }

    fn shown(&self) -> Result<String, RejectionCode> {
        shown(&self.bytes())
    }
}

fn shown(source: &[u8]) -> Result<String, RejectionCode> {
    match try_rendition(source, r#""format": "png""#) {
        Ok((rendered, png)) => {
            assert_eq!(rendered.source.format, Format::Tiff);
            Ok(letters(&picture(&png, Format::Png).into_rgba8()))
        }
        Err(RenderError::Rejected(rejection)) => Err(rejection.code()),
        Err(error) => panic!("{error:?}"),
    }
}

/// The picture of most cases: rows of red, green, blue and white.
const SHOWN: &str = "rgbw rgbw kkww rrrr";
const ROWS: [&str; 4] = ["rgbw", "rgbw", "kkww", "rrrr"];

fn rgb(letter: char) -> [u8; 3] {
    match letter {
        'r' => [255, 0, 0],
        'g' => [0, 255, 0],
        'b' => [0, 0, 255],
        'w' => [255; 3],
        _ => [0; 3],
    }
}

fn pixels() -> Vec<u8> {
    ROWS.iter().flat_map(|row| row.chars().flat_map(rgb)).collect()
}

/// Pixels of 16 bits.
fn wide(is_big_endian: bool) -> Vec<u8> {
    let two = |byte: u8| {
        let level = u16::from(byte) * 257;
        if is_big_endian { level.to_be_bytes() } else { level.to_le_bytes() }
    };
    pixels().into_iter().flat_map(two).collect()
}

fn lzw(bytes: &[u8]) -> Vec<u8> {
    weezl::encode::Encoder::with_tiff_size_switch(weezl::BitOrder::Msb, 8).encode(bytes).unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut deflate = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    deflate.write_all(bytes).unwrap();
    deflate.finish().unwrap()
}

/// Rows as differences to the sample before.
fn differences(bytes: &[u8]) -> Vec<u8> {
    let of_row = |row: &[u8]| {
        let before = [0, 0, 0].iter().chain(row);
        row.iter().zip(before).map(|(sample, before)| sample.wrapping_sub(*before)).collect::<Vec<u8>>()
    };
    bytes.chunks(12).flat_map(of_row).collect()
}

const UNSUPPORTED: Result<&str, RejectionCode> = Err(RejectionCode::UnsupportedFormat);
const CORRUPT: Result<&str, RejectionCode> = Err(RejectionCode::Corrupt);

#[test]
fn every_layout_of_colours_is_read() {
    let two_strips: Vec<Vec<u8>> = pixels().chunks(36).map(<[u8]>::to_vec).collect();
    let planes: Vec<Vec<u8>> = (0..3).map(|plane| pixels().into_iter().skip(plane).step_by(3).collect()).collect();
    // Four tiles of 16×16 would be too much for 4×4 px, so one tile has the picture in its corner.
    let mut tile = vec![7; 16 * 16 * 3];
    for (row, stored) in pixels().chunks(12).enumerate() {
        tile[row * 48..row * 48 + 12].copy_from_slice(stored);
    }
    let runs: Vec<u8> = pixels().chunks(2).flat_map(|two| [&[1][..], two].concat()).collect();
    let reversed = |bytes: Vec<u8>| bytes.into_iter().map(u8::reverse_bits).collect::<Vec<u8>>();
    let mut big_endian = tiff(&[(BITS, &[16, 16, 16])], &[wide(true)]);
    big_endian.is_big_endian = true;
    let mut big = tiff(&[(COMPRESSION, &[5])], &[lzw(&pixels())]);
    (big.is_big_tiff, big.gap) = (true, 100_000);
    let mut big_big_endian = big.clone();
    big_big_endian.is_big_endian = true;
    let cases: Vec<(&str, Tiff, Result<&str, RejectionCode>)> = vec![
        ("one strip", tiff(&[], &[pixels()]), Ok(SHOWN)),
        ("two strips", tiff(&[(ROWS_PER_STRIP, &[3])], &two_strips), Ok(SHOWN)),
        ("16 bits", tiff(&[(BITS, &[16, 16, 16])], &[wide(false)]), Ok(SHOWN)),
        ("16 bits, big-endian", big_endian, Ok(SHOWN)),
        ("BigTIFF", big, Ok(SHOWN)),
        ("BigTIFF, big-endian", big_big_endian, Ok(SHOWN)),
        ("LZW", tiff(&[(COMPRESSION, &[5])], &[lzw(&pixels())]), Ok(SHOWN)),
        (
            "LZW, differences",
            tiff(&[(COMPRESSION, &[5]), (PREDICTOR, &[2])], &[lzw(&differences(&pixels()))]),
            Ok(SHOWN),
        ),
        ("deflate", tiff(&[(COMPRESSION, &[8])], &[deflate(&pixels())]), Ok(SHOWN)),
        ("deflate, old number", tiff(&[(COMPRESSION, &[32_946])], &[deflate(&pixels())]), Ok(SHOWN)),
        ("PackBits", tiff(&[(COMPRESSION, &[32_773])], &[runs]), Ok(SHOWN)),
        (
            "PackBits, a run",
            tiff(&[(COMPRESSION, &[32_773])], &[vec![0x80, 256u16.wrapping_sub(47).to_le_bytes()[0], 0]]),
            { Ok("kkkk kkkk kkkk kkkk") },
        ),
        ("planes", tiff(&[(PLANAR, &[2])], &planes), Ok(SHOWN)),
        ("a tile", tiff(&[(TILE_WIDTH, &[16]), (TILE_HEIGHT, &[16])], &[tile]), Ok(SHOWN)),
        ("the lowest bit first", tiff(&[(FILL_ORDER, &[2])], &[reversed(pixels())]), Ok(SHOWN)),
        ("no colours stated", tiff(&[(COLOURS, &[])], &[pixels()]), Ok(SHOWN)),
        ("orientation", tiff(&[(ORIENTATION, &[3])], &[pixels()]), Ok("rrrr wwkk wbgr wbgr")),
        ("an invalid orientation", tiff(&[(ORIENTATION, &[9])], &[pixels()]), Ok(SHOWN)),
        ("a false length of plain pixels", tiff(&[(ROWS_PER_STRIP, &[9])], &[pixels()]), Ok(SHOWN)),
        ("CIELAB", tiff(&[(COLOURS, &[8])], &[pixels()]), UNSUPPORTED),
        ("luma and chroma", tiff(&[(COLOURS, &[6])], &[pixels()]), UNSUPPORTED),
        ("floating-point samples", tiff(&[(SAMPLE_FORMAT, &[3, 3, 3])], &[pixels()]), UNSUPPORTED),
        ("samples of different depths", tiff(&[(BITS, &[5, 6, 5])], &[pixels()]), UNSUPPORTED),
        ("Zstandard", tiff(&[(COMPRESSION, &[50_000])], &[pixels()]), UNSUPPORTED),
        ("old-style JPEG", tiff(&[(COMPRESSION, &[6])], &[pixels()]), UNSUPPORTED),
        ("a predictor of floating-point", tiff(&[(COMPRESSION, &[5]), (PREDICTOR, &[3])], &[pixels()]), UNSUPPORTED),
        ("a missing byte", tiff(&[(COMPRESSION, &[8])], &[deflate(&pixels()[..47])]), CORRUPT),
        ("a missing strip", tiff(&[(ROWS_PER_STRIP, &[2])], &[pixels()[..24].to_vec()]), CORRUPT),
        ("invalid LZW", tiff(&[(COMPRESSION, &[5])], &[vec![0xFF; 40]]), CORRUPT),
        ("invalid deflate", tiff(&[(COMPRESSION, &[8])], &[vec![0xFF; 40]]), CORRUPT),
        ("invalid JPEG", tiff(&[(COMPRESSION, &[7])], &[vec![0xFF; 40]]), CORRUPT),
        ("no width", tiff(&[(256, &[])], &[pixels()]), CORRUPT),
        ("tiles without sides", tiff(&[(TILE_WIDTH, &[0]), (TILE_HEIGHT, &[0])], &[pixels()]), CORRUPT),
        ("huge tiles", tiff(&[(TILE_WIDTH, &[60_000]), (TILE_HEIGHT, &[60_000])], &[pixels()]), CORRUPT),
        ("two samples for RGB", tiff(&[(SAMPLES, &[2])], &[pixels()]), CORRUPT),
    ];
    for (name, file, expected) in cases {
        assert_eq!(file.shown(), expected.map(str::to_owned), "{name}");
    }
}

#[test]
fn grey_palettes_inks_and_alpha_are_read() {
    let grey = |colours: u16, bits: u16, row: &[u8]| {
        tiff(&[(SAMPLES, &[1]), (COLOURS, &[colours]), (BITS, &[bits]), (257, &[1])], &[row.to_vec()])
    };
    let with_alpha = |samples: u16, bits: &[u16], colours: u16, extra: u16, row: &[u8]| {
        let tags: [(u16, &[u16]); 5] =
            [(SAMPLES, &[samples]), (BITS, bits), (COLOURS, &[colours]), (EXTRA_SAMPLES, &[extra]), (257, &[1])];
        tiff(&tags, &[row.to_vec()])
    };
    let rgba = [255, 0, 0, 255, 0, 255, 0, 0, 0, 0, 128, 128, 255, 255, 255, 255];
    let palette = [0, 65_535, 0, 0, 0, 0, 65_535, 0, 0, 0, 0, 65_535];
    let narrow_palette = palette.map(|level| level / 257);
    let indexed = |palette: &[u16]| {
        let tags: [(u16, &[u16]); 5] =
            [(SAMPLES, &[1]), (COLOURS, &[3]), (BITS, &[2]), (257, &[1]), (PALETTE, palette)];
        tiff(&tags, &[vec![0b01_10_11_00]])
    };
    let inks = [0, 255, 255, 0, 255, 0, 255, 0, 0, 0, 0, 255, 0, 0, 0, 0];
    let cmyk = tiff(&[(SAMPLES, &[4]), (BITS, &[8; 4]), (COLOURS, &[5]), (257, &[1])], &[inks.to_vec()]);
    let cases = [
        ("1 bit", grey(1, 1, &[0b0101_0000]), Ok("kwkw")),
        ("1 bit, 0 is white", grey(0, 1, &[0b0101_0000]), Ok("wkwk")),
        ("2 bits", grey(1, 2, &[0b0011_0011]), Ok("kwkw")),
        ("4 bits", grey(1, 4, &[0x0F, 0xF0]), Ok("kwwk")),
        ("8 bits", grey(1, 8, &[0, 255, 128, 0]), Ok("kwek")),
        ("8 bits, 0 is white", grey(0, 8, &[0, 255, 127, 0]), Ok("wkew")),
        ("12 bits", grey(1, 12, &[0x00, 0x0F, 0xFF, 0x80, 0x80, 0x00]), Ok("kwek")),
        ("16 bits", grey(1, 16, &[0, 0, 255, 255, 128, 128, 0, 0]), Ok("kwek")),
        ("32 bits", grey(1, 32, &[[0; 4], [255; 4], [128; 4], [0; 4]].concat()), Ok("kwek")),
        ("a palette", indexed(&palette), Ok("rgbk")),
        ("a palette of 8 bits", indexed(&narrow_palette), Ok("rgbk")),
        ("a palette that is cut", indexed(&palette[..7]), CORRUPT),
        ("CMYK", cmyk, Ok("rgkw")),
        ("associated alpha", with_alpha(4, &[8; 4], 2, 1, &rgba), Ok("r.b~w")),
        ("unassociated alpha", with_alpha(4, &[8; 4], 2, 2, &[0, 0, 255, 128].repeat(4)), Ok("b~b~b~b~")),
        ("an extra sample that is not alpha", with_alpha(4, &[8; 4], 2, 0, &[0, 0, 255, 9].repeat(4)), Ok("bbbb")),
        ("grey and alpha", with_alpha(2, &[8; 2], 1, 2, &[255, 255, 0, 255, 9, 0, 0, 128]), Ok("wk.k~")),
    ];
    for (name, file, expected) in cases {
        assert_eq!(file.shown(), expected.map(str::to_owned), "{name}");
    }
}

#[test]
fn jpeg_in_strips_is_read_with_the_colours_that_the_file_states() {
    let flat = [200, 40, 40].repeat(64);
    let encoded = |colours: mozjpeg::ColorSpace| {
        let mut jpeg = mozjpeg::Compress::new(mozjpeg::ColorSpace::JCS_RGB);
        jpeg.set_size(8, 8);
        jpeg.set_quality(100.0);
        jpeg.set_color_space(colours);
        let mut jpeg = jpeg.start_compress(Vec::new()).unwrap();
        jpeg.write_scanlines(&flat).unwrap();
        jpeg.finish().unwrap()
    };
    let cases = [(6, encoded(mozjpeg::ColorSpace::JCS_YCbCr)), (2, encoded(mozjpeg::ColorSpace::JCS_RGB))];
    for (colours, jpeg) in cases {
        let file = tiff(&[(256, &[8]), (257, &[8]), (COLOURS, &[colours]), (COMPRESSION, &[7])], &[jpeg]);
        let (_, png) = try_rendition(&file.bytes(), r#""format": "png""#).unwrap();
        let [r, g, b] = picture(&png, Format::Png).into_rgb8().get_pixel(3, 3).0;
        assert!(r.abs_diff(200) < 4 && g.abs_diff(40) < 4 && b.abs_diff(40) < 4, "{colours}: {r} {g} {b}");
    }
}

#[test]
fn fax_codes_of_group_4_are_read() {
    let rows: [&[bool]; 3] = [&[true, false, false, true], &[false; 4], &[true, true, false, false]];
    let mut codes = fax::encoder::Encoder::new(fax::VecWriter::new());
    for row in rows {
        let colour = |&is_black: &bool| if is_black { fax::Color::Black } else { fax::Color::White };
        codes.encode_line(row.iter().map(colour), 4).unwrap();
    }
    let codes = codes.finish().unwrap().finish();
    let tags: [(u16, &[u16]); 5] = [(257, &[3]), (SAMPLES, &[1]), (BITS, &[1]), (COLOURS, &[0]), (COMPRESSION, &[4])];
    assert_eq!(tiff(&tags, std::slice::from_ref(&codes)).shown(), Ok("kwwk wwww kkww".to_owned()));
    let inverted: Vec<u8> = codes.iter().map(|byte| byte.reverse_bits()).collect();
    let tags = [&tags[..], &[(FILL_ORDER, &[2])]].concat();
    assert_eq!(tiff(&tags, &[inverted]).shown(), Ok("kwwk wwww kkww".to_owned()));
}

#[test]
fn a_directory_at_the_end_is_read_without_the_pixels_before_it() {
    let mut file = tiff(&[], &[pixels()]);
    file.gap = 50_000_000;
    let source = file.bytes();
    let (mut reader, mut ranges) = (HeaderReader::new(source.len() as u64), Vec::new());
    let header = loop {
        match reader.next_step().unwrap() {
            HeaderStep::Complete(header) => break header,
            HeaderStep::Read(range) => {
                let [start, end] = [range.start, range.end].map(|at| usize::try_from(at).unwrap());
                reader.append(&source[start..end]);
                ranges.push(range);
            }
        }
    };
    assert_eq!((header.format, header.size), (Format::Tiff, Size::new(4, 4)));
    assert!(
        ranges.len() <= 3 && ranges.iter().map(|range| range.end - range.start).sum::<u64>() < 200_000,
        "{ranges:?}"
    );
    assert_eq!(shown(&source), Ok(SHOWN.to_owned()));
}

#[test]
fn a_camera_raw_file_is_named_and_its_preview_is_not_shown() {
    let raw = |tags: &[(u16, &[u16])]| match try_rendition(&tiff(tags, &[pixels()]).bytes(), r#""format": "png""#) {
        Err(RenderError::Rejected(rejection)) => rejection.to_string(),
        other => panic!("{other:?}"),
    };
    // "SO" and "NY" as shorts; the tag is read as bytes.
    let sony = [u16::from_le_bytes(*b"SO"), u16::from_le_bytes(*b"NY"), 0, 0];
    type Tags<'a> = &'a [(u16, &'a [u16])];
    let cases: [(Tags, &str); 4] = [
        (&[(50_706, &[1, 4, 0, 0])], "camera raw (DNG)"),
        (&[(COLOURS, &[32_803])], "camera raw"),
        (&[(254, &[1]), (330, &[8]), (271, &sony)], "camera raw (ARW)"),
        (&[(COLOURS, &[34_892]), (271, &sony)], "camera raw (ARW)"),
    ];
    for (tags, name) in cases {
        let message = raw(tags);
        assert!(message.starts_with(&format!("{name} is not accepted, only jpeg")), "{message}");
    }
}

#[test]
fn a_tiff_that_is_cut_anywhere_is_rejected() {
    let file = tiff(&[(COMPRESSION, &[5]), (ROWS_PER_STRIP, &[1])], &pixels().chunks(12).map(lzw).collect::<Vec<_>>());
    let source = file.bytes();
    for len in 0..source.len() - 4 {
        assert!(shown(&source[..len]).is_err(), "{len} of {} bytes", source.len());
    }
}

#[test]
fn a_damaged_tiff_causes_no_panic() {
    let planes: Vec<Vec<u8>> =
        (0..3).map(|plane| lzw(&pixels().into_iter().skip(plane).step_by(3).collect::<Vec<_>>())).collect();
    let files = [
        tiff(&[(COMPRESSION, &[5]), (PLANAR, &[2])], &planes),
        tiff(&[(COMPRESSION, &[8]), (PREDICTOR, &[2])], &[deflate(&differences(&pixels()))]),
        tiff(&[(TILE_WIDTH, &[16]), (TILE_HEIGHT, &[16])], &[vec![9; 768]]),
    ];
    for file in files {
        let source = file.bytes();
        for at in 0..source.len() {
            for byte in [0, 1, 3, 0x7F, 0x80, 0xFF] {
                let mut damaged = source.clone();
                damaged[at] = byte;
                if let Ok(imaging::Probe::Header(header)) = imaging::probe(&damaged, damaged.len() as u64)
                    && header.size.pixels() > 1_000_000
                {
                    continue;
                }
                if let Err(error) = try_rendition(&damaged, r#""width": 3, "format": "png""#) {
                    assert!(matches!(error, RenderError::Rejected(_)), "byte {at} is {byte}: {error:?}");
                }
            }
        }
    }
}
