//! BMP, ICO and CUR in all versions. What is right was seen in Chromium.

#![allow(clippy::unwrap_used)]

mod support;

use imaging::{Format, RejectionCode, RenderError};
use support::{letters::letters, picture, try_rendition};

fn shown(source: &[u8]) -> Result<String, RejectionCode> {
    match try_rendition(source, r#""format": "png""#) {
        Ok((rendered, png)) => {
            assert!(matches!(rendered.source.format, Format::Bmp | Format::Ico));
            Ok(letters(&picture(&png, Format::Png).into_rgba8()))
        }
        Err(RenderError::Rejected(rejection)) => Err(rejection.code()),
        Err(error) => panic!("{error:?}"),
    }
}

/// The picture of most cases, by indices of the palette from top to bottom.
const INDICES: [[u8; 4]; 4] = [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 3, 1], [3, 3, 2, 1]];
const SHOWN: &str = "rrgg rrgg bbbr bbgr";
/// Black, red, green and blue, as red, green and blue.
const COLOURS: [[u8; 3]; 4] = [[0; 3], [255, 0, 0], [0, 255, 0], [0, 0, 255]];

const CORRUPT: Result<&str, RejectionCode> = Err(RejectionCode::Corrupt);
const UNSUPPORTED: Result<&str, RejectionCode> = Err(RejectionCode::UnsupportedFormat);

#[derive(Clone, Copy)]
struct Header {
    len: u32,
    height: i32,
    bits: u16,
    compression: u32,
    colours: u32,
    masks: [u32; 4],
}

const INFO: Header = Header { len: 40, height: 4, bits: 24, compression: 0, colours: 0, masks: [0; 4] };
const MASKS: [u32; 4] = [0xFF_0000, 0xFF00, 0xFF, 0xFF00_0000];

impl Header {
    /// The bitmap's header, with the masks that follow one of 40 bytes.
    fn bytes(self) -> Vec<u8> {
        let Header { len, height, bits, compression, colours, masks } = self;
        if len == 12 {
            return [&12u32.to_le_bytes()[..], &[4, 0, 4, 0, 1, 0], &bits.to_le_bytes()].concat();
        }
        let mut bytes = [len, 4, height.cast_unsigned()].map(u32::to_le_bytes).concat();
        bytes.extend([1, 0]);
        bytes.extend(bits.to_le_bytes());
        bytes.extend([compression, 0, 2835, 2835, colours, 0].map(u32::to_le_bytes).concat());
        let masks = masks.map(u32::to_le_bytes).concat();
        let follows = match (len, compression) {
            (40, 3) => 12,
            (40, 6) => 16,
            _ => 0,
        };
        let within = if len >= 52 && len != 64 { &masks[..] } else { &[] };
        bytes.extend(within);
        bytes.resize(len as usize, 0);
        bytes.extend(&masks[..follows]);
        bytes
    }

    fn with_colours(self, count: usize, pixels: &[u8]) -> Vec<u8> {
        let entry = |at: usize| COLOURS.get(at).copied().unwrap_or([9; 3]);
        let palette: Vec<u8> = (0..count)
            .flat_map(|at| {
                let [r, g, b] = entry(at);
                [b, g, r, 0].into_iter().take(if self.len == 12 { 3 } else { 4 })
            })
            .collect();
        file(&self.bytes(), &palette, pixels)
    }

    fn with(self, pixels: &[u8]) -> Vec<u8> {
        file(&self.bytes(), &[], pixels)
    }
}

fn file(header: &[u8], palette: &[u8], pixels: &[u8]) -> Vec<u8> {
    let at = u32::try_from(14 + header.len() + palette.len()).unwrap();
    let len = at + u32::try_from(pixels.len()).unwrap();
    [b"BM", &len.to_le_bytes()[..], &[0; 4], &at.to_le_bytes(), header, palette, pixels].concat()
}

/// Rows from bottom to top, padded to four bytes.
fn rows(row: impl Fn([u8; 4]) -> Vec<u8>) -> Vec<u8> {
    let padded = |indices| {
        let mut row = row(indices);
        row.resize(row.len().next_multiple_of(4), 0);
        row
    };
    INDICES.into_iter().rev().flat_map(padded).collect()
}

fn indexed(bits: u32) -> Vec<u8> {
    rows(|indices| {
        let packed = indices.iter().fold(0u32, |packed, &index| packed << bits | u32::from(index)) << (32 - 4 * bits);
        packed.to_be_bytes()[..(4 * bits as usize).div_ceil(8)].to_vec()
    })
}

fn colours(pixel: impl Fn([u8; 3]) -> Vec<u8>) -> Vec<u8> {
    rows(|indices| indices.iter().flat_map(|&index| pixel(COLOURS[usize::from(index)])).collect())
}

fn bgr() -> Vec<u8> {
    colours(|[r, g, b]| vec![b, g, r])
}

fn bgra(alpha: u8) -> Vec<u8> {
    colours(|[r, g, b]| vec![b, g, r, alpha])
}

fn packed(bits: [u32; 3]) -> Vec<u8> {
    colours(|rgb| {
        let channel = |at: usize| u16::from(rgb[at] >> (8 - bits[at]));
        let pixel = (channel(0) << bits[1] | channel(1)) << bits[2] | channel(2);
        pixel.to_le_bytes().to_vec()
    })
}

/// Each pixel is a run of its own.
fn runs() -> Vec<u8> {
    let row = |indices: &[u8; 4]| [indices.iter().flat_map(|&index| [1, index]).collect(), vec![0, 0]].concat();
    INDICES.iter().rev().flat_map(row).chain([0, 1]).collect()
}

#[test]
fn a_bitmap_is_shown_as_in_chromium() {
    let bytes8 = indexed(8);
    let eight = Header { bits: 8, ..INFO };
    let version = |len, compression| Header { len, bits: 32, compression, masks: MASKS, ..INFO };
    let sixteen = |compression, masks| Header { bits: 16, compression, masks, ..INFO };
    let five_six_five = [0xF800, 0x07E0, 0x001F, 0];
    let rle = Header { bits: 8, compression: 1, colours: 4, ..INFO };
    let rle4 = Header { bits: 4, compression: 2, colours: 4, ..INFO };
    let transparent = "r~r~g~g~ r~r~g~g~ b~b~b~r~ b~b~g~r~";
    let mut without_offset = Header { colours: 4, ..eight }.with_colours(4, &bytes8);
    without_offset[10..14].fill(0);
    let mut gap = Header { colours: 4, ..eight }.with_colours(4, &[&[1; 20], &bytes8[..]].concat());
    gap[10] += 20;
    let cases: Vec<(&str, Vec<u8>, Result<&str, RejectionCode>)> = vec![
        ("1 bit", Header { bits: 1, ..INFO }.with_colours(2, &rows(|_| vec![0b1010_0000])), Ok("rkrk rkrk rkrk rkrk")),
        ("2 bits", Header { bits: 2, ..INFO }.with_colours(4, &indexed(2)), Ok(SHOWN)),
        ("4 bits", Header { bits: 4, ..INFO }.with_colours(16, &indexed(4)), Ok(SHOWN)),
        ("8 bits", eight.with_colours(256, &bytes8), Ok(SHOWN)),
        ("4 colours", Header { colours: 4, ..eight }.with_colours(4, &bytes8), Ok(SHOWN)),
        ("1,000 colours", Header { colours: 1000, ..eight }.with_colours(1000, &bytes8), Ok(SHOWN)),
        ("an index beyond", Header { colours: 2, ..eight }.with_colours(2, &bytes8), Ok("rrkk rrkk kkkr kkkr")),
        ("fewer colours than stated", eight.with_colours(4, &bytes8), CORRUPT),
        ("a gap before the pixels", gap, Ok(SHOWN)),
        ("no offset of the pixels", without_offset, Ok("kkkk kkkk kkkk kkkk")),
        ("OS/2 1.x, 8 bits", Header { len: 12, ..eight }.with_colours(256, &bytes8), Ok(SHOWN)),
        ("OS/2 1.x, 24 bits", Header { len: 12, ..INFO }.with(&bgr()), Ok(SHOWN)),
        ("OS/2 1.x, 32 bits", Header { len: 12, bits: 32, ..INFO }.with(&bgra(255)), CORRUPT),
        ("OS/2 2.x, 16 bytes", Header { len: 16, ..eight }.with_colours(256, &bytes8), Ok(SHOWN)),
        ("OS/2 2.x, 64 bytes", Header { len: 64, ..eight }.with_colours(256, &bytes8), Ok(SHOWN)),
        ("24 bits", INFO.with(&bgr()), Ok(SHOWN)),
        ("from top to bottom", Header { height: -4, ..INFO }.with(&bgr()), Ok("bbgr bbbr rrgg rrgg")),
        ("without its last byte", INFO.with(&bgr()[..47]), CORRUPT),
        ("without its last row", INFO.with(&bgr()[..36]), CORRUPT),
        ("without its last row, from top to bottom", Header { height: -4, ..INFO }.with(&bgr()[..36]), CORRUPT),
        ("32 bits", version(40, 0).with(&bgra(0)), Ok(SHOWN)),
        ("32 bits with a used fourth byte", version(40, 0).with(&bgra(128)), Ok(SHOWN)),
        ("masks", version(40, 3).with(&bgra(128)), Ok(SHOWN)),
        ("masks with alpha", version(40, 6).with(&bgra(128)), Ok(transparent)),
        ("version 2", version(52, 3).with(&bgra(128)), Ok(SHOWN)),
        ("version 3", version(56, 3).with(&bgra(128)), Ok(transparent)),
        ("version 3 without masks", version(56, 0).with(&bgra(128)), Ok(SHOWN)),
        ("version 4", version(108, 3).with(&bgra(128)), Ok(transparent)),
        ("version 4 without masks", version(108, 0).with(&bgra(128)), Ok(transparent)),
        ("version 5", version(124, 3).with(&bgra(128)), Ok(transparent)),
        ("version 5, transparent", version(124, 3).with(&bgra(0)), Ok(".... .... .... ....")),
        ("24 bits and a mask of alpha", Header { bits: 24, ..version(108, 0) }.with(&bgr()), Ok(SHOWN)),
        ("16 bits", sixteen(0, [0; 4]).with(&packed([5, 5, 5])), Ok(SHOWN)),
        ("16 bits, 5-6-5", sixteen(3, five_six_five).with(&packed([5, 6, 5])), Ok(SHOWN)),
        ("a mask with a gap", Header { masks: [0xFD_0000, 0xFF00, 0xFF, 0], ..version(40, 3) }.with(&bgra(0)), CORRUPT),
        ("masks of 24 bits", Header { compression: 3, ..INFO }.with(&bgr()), CORRUPT),
        ("runs", rle.with_colours(4, &runs()), Ok(SHOWN)),
        ("runs from top to bottom", Header { height: -4, ..rle }.with_colours(4, &runs()), Ok("bbgr bbbr rrgg rrgg")),
        ("runs without an end", rle.with_colours(4, &runs()[..40]), Ok(SHOWN)),
        (
            "runs beyond the row",
            rle.with_colours(4, b"\x02\x01\xFF\x02\xFF\x03\0\0\x04\x02\0\x01"),
            Ok("kkkk kkkk gggg rrgg"),
        ),
        ("runs that end early", rle.with_colours(4, b"\x04\x01\0\0\x04"), CORRUPT),
        ("runs with an early end", rle.with_colours(4, b"\x02\x01\0\0\x04\x02\0\x01"), Ok("kkkk kkkk gggg rrkk")),
        ("runs that skip", rle.with_colours(4, b"\x01\x01\0\x02\x01\x01\x01\x02\0\x01"), Ok("kkkk kkkk kkgk rkkk")),
        ("literals", rle.with_colours(4, b"\0\x03\x01\x02\x03\0\x01\x01\0\x01"), Ok("kkkk kkkk kkkk rgbr")),
        ("a run beyond its row", rle.with_colours(4, b"\x07\x01\0\0\x04\x02\0\x01"), Ok("kkkk kkkk gggg rrrr")),
        ("runs of 4 bits", rle4.with_colours(4, b"\x03\x12\0\0\0\x03\x12\x30\0\x01"), Ok("kkkk kkkk rgbk rgrk")),
        ("runs of 4 bits, 8 bits each", Header { bits: 8, ..rle4 }.with_colours(4, &runs()), CORRUPT),
        (
            "runs of OS/2, 24 bits",
            Header { len: 64, compression: 4, ..INFO }.with(b"\x02\0\0\xFF\0\x02\xFF\0\0\0\xFF\0\0\x01"),
            CORRUPT,
        ),
        ("Huffman codes", Header { len: 64, bits: 1, compression: 3, ..INFO }.with(b"abc"), UNSUPPORTED),
        ("a PNG inside", Header { compression: 5, ..INFO }.with(b"abc"), UNSUPPORTED),
        ("an unknown depth", Header { bits: 64, ..INFO }.with(&bgr()), CORRUPT),
    ];
    for (name, source, expected) in cases {
        assert_eq!(shown(&source), expected.map(str::to_owned), "{name}");
    }
}

/// An icon with these pictures: the sides and the depth that the directory states, and the content.
fn icon(kind: u8, pictures: &[(u8, u8, Vec<u8>)]) -> Vec<u8> {
    let count = u8::try_from(pictures.len()).unwrap();
    let mut directory = vec![0, 0, kind, 0, count, 0];
    let mut content = Vec::new();
    for (side, depth, picture) in pictures {
        let at = 6 + 16 * pictures.len() + content.len();
        directory.extend([*side, *side, 0, 0, 1, 0, *depth, 0]);
        directory.extend([picture.len(), at].map(|number| u32::try_from(number).unwrap().to_le_bytes()).concat());
        content.extend(picture);
    }
    [directory, content].concat()
}

/// A mask under which the first column is transparent.
const MASK: [u8; 16] = [0x80, 0, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0, 0x80, 0, 0, 0];

fn bitmap(bits: u16, pixels: &[u8], mask: &[u8]) -> Vec<u8> {
    [&Header { bits, height: 8, ..INFO }.bytes()[..], pixels, mask].concat()
}

#[test]
fn an_icon_is_shown_as_in_chromium() {
    let palette = COLOURS.map(|[r, g, b]| [b, g, r, 0]).concat();
    let eight = Header { bits: 8, height: 8, colours: 4, ..INFO }.bytes();
    let eight = [&eight[..], &palette, &indexed(8), &MASK].concat();
    let [small, large] = [bitmap(24, &bgr(), &MASK), bitmap(24, &bgr(), &[])];
    let png = imaging::chart::encoded(imaging::Size::new(2, 2), imaging::Encoding::Png);
    let masked = ".rgg .rgg .bbr .bgr";
    let half = "r~r~g~g~ r~r~g~g~ b~b~b~r~ b~b~g~r~";
    let cases: Vec<(&str, Vec<u8>, Result<&str, RejectionCode>)> = vec![
        ("24 bits", icon(1, &[(4, 24, small.clone())]), Ok(masked)),
        ("a cursor", icon(2, &[(4, 24, small.clone())]), Ok(masked)),
        ("no mask", icon(1, &[(4, 24, large.clone())]), Ok(SHOWN)),
        ("8 bits", icon(1, &[(4, 8, eight)]), Ok(masked)),
        ("16 bits", icon(1, &[(4, 16, bitmap(16, &packed([5, 5, 5]), &MASK))]), Ok(masked)),
        ("alpha, which counts more than the mask", icon(1, &[(4, 32, bitmap(32, &bgra(128), &MASK))]), Ok(half)),
        ("alpha of 0 everywhere", icon(1, &[(4, 32, bitmap(32, &bgra(0), &MASK))]), Ok(masked)),
        ("the largest picture", icon(1, &[(2, 24, small.clone()), (4, 24, large.clone())]), Ok(SHOWN)),
        ("the deepest of equal ones", icon(1, &[(4, 24, large), (4, 32, bitmap(32, &bgra(128), &[]))]), Ok(half)),
        ("false sides in the directory", icon(1, &[(9, 24, small.clone())]), Ok(masked)),
        ("a height without the mask", icon(1, &[(4, 24, [INFO.bytes(), bgr()].concat())]), Ok(SHOWN)),
        ("a picture that is cut", icon(1, &[(4, 24, small[..60].to_vec())]), CORRUPT),
        ("a picture beyond the file", icon(1, &[(4, 24, small)])[..22].to_vec(), CORRUPT),
        ("a PNG that is cut", icon(1, &[(4, 24, png[..40].to_vec())]), CORRUPT),
    ];
    for (name, source, expected) in cases {
        assert_eq!(shown(&source), expected.map(str::to_owned), "{name}");
    }
    let (rendered, out) = try_rendition(&icon(1, &[(2, 32, png.clone())]), r#""format": "png""#).unwrap();
    let [seen, expected] = [&out, &png].map(|png| picture(png, Format::Png).into_rgba8());
    assert_eq!((rendered.source.format, seen), (Format::Ico, expected));
}
