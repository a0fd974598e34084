//! QOI and PNM.

#![allow(clippy::unwrap_used)]

mod support;

use imaging::{Format, RejectionCode, RenderError};
use support::{letters::letters, picture, try_rendition};

fn shown(source: &[u8]) -> Result<String, RejectionCode> {
    match try_rendition(source, r#""format": "png""#) {
        Ok((_, png)) => Ok(letters(&picture(&png, Format::Png).into_rgba8())),
        Err(RenderError::Rejected(rejection)) => Err(rejection.code()),
        Err(error) => panic!("{error:?}"),
    }
}

const CORRUPT: Result<&str, RejectionCode> = Err(RejectionCode::Corrupt);

#[test]
fn a_pnm_of_every_kind_is_read() {
    let cases: Vec<(&str, &[u8], Result<&str, RejectionCode>)> = vec![
        ("P1", b"P1\n3 2\n0 1 0\n1 0 1\n", Ok("wkw kwk")),
        ("P1 without blanks", b"P1 3 2 010101", Ok("wkw kwk")),
        ("P1 with comments", b"P1\n# a\n3 # b\n2\n01# 11111\n0101", Ok("wkw kwk")),
        ("P2", b"P2\n2 2\n255\n0 128\n255 0", Ok("ke wk")),
        ("P2 with 4 levels", b"P2\n2 1\n3\n3 0\n", Ok("wk")),
        ("P2 with 65,536 levels", b"P2\n3 1\n65535\n65535 0 32896\n", Ok("wke")),
        ("P2 with a level above white", b"P2\n2 1\n15\n99999999 0\n", Ok("wk")),
        ("P3", b"P3\n2 1 255\n255 0 0  0 0 255", Ok("rb")),
        ("P4", b"P4\n9 2\n\x55\x00\xAA\x80", Ok("wkwkwkwkw kwkwkwkwk")),
        ("P5", b"P5\n2 2\n255\n\x00\x80\xFF\x00", Ok("ke wk")),
        ("P5 with 16 levels", b"P5\n2 1\n15\n\x0F\x00", Ok("wk")),
        ("P5 with 65,536 levels", b"P5\n3 1\n65535\n\xFF\xFF\0\0\x80\x80", Ok("wke")),
        ("P5 with 1,001 levels", b"P5\n2 1\n1000\n\x03\xE8\0\0", Ok("wk")),
        ("P6", b"P6\n2 1\n255\n\xFF\0\0\0\0\xFF", Ok("rb")),
        ("P6 with a comment", b"P6 2 #\n# a comment\n1\n255\n\xFF\0\0\0\0\xFF", Ok("rb")),
        ("P6 with Windows' line ends", b"P6\r\n2 1\r255\n\xFF\0\0\0\0\xFF", Ok("rb")),
        ("P6 with a second picture", b"P6 1 1 255 \xFF\0\0P6 1 1 255 \0\0\0", Ok("r")),
        (
            "PAM with RGBA",
            b"P7\nWIDTH 2\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n\xFF\0\0\xFF\0\0\xFF\x80",
            Ok("rb~"),
        ),
        ("PAM with grey", b"P7\n# a\nHEIGHT 1\nWIDTH 2\nDEPTH 1\nMAXVAL 1\nENDHDR\n\x01\x00", Ok("wk")),
        ("PAM with grey and alpha", b"P7\nWIDTH 2\nHEIGHT 1\nDEPTH 2\nMAXVAL 255\nENDHDR\n\xFF\xFF\x00\x00", Ok("w.")),
        (
            "PAM with five channels",
            b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 5\nMAXVAL 255\nENDHDR\n12345",
            Err(RejectionCode::UnsupportedFormat),
        ),
        ("no pixels", b"P6\n2 1\n255\n", CORRUPT),
        ("a missing byte", b"P6\n2 1\n255\n\xFF\0\0\0\0", CORRUPT),
        ("a missing number", b"P2\n2 2\n255\n0 128\n255", CORRUPT),
        ("a letter among numbers", b"P2\n2 1\n255\n0 x\n", CORRUPT),
        ("a digit that is no bit", b"P1\n2 1\n02\n", CORRUPT),
        ("no levels", b"P5\n2 1\n0\n\0\0", CORRUPT),
        ("too many levels", b"P5\n2 1\n65536\n\0\0\0\0", CORRUPT),
        ("no width", b"P5\n0 1\n255\n\0\0\0\0", CORRUPT),
        ("a width of 40 digits", b"P5\n1111111111222222222233333333334444444444 1 255 ", CORRUPT),
    ];
    for (name, source, expected) in cases {
        assert_eq!(shown(source), expected.map(str::to_owned), "{name}");
    }
}

fn qoi(width: u8, height: u8, channels: u8, codes: &[u8]) -> Vec<u8> {
    [b"qoif\0\0\0", &[width, 0, 0, 0, height, channels, 0][..], codes].concat()
}

#[test]
fn every_code_of_qoi_is_read() {
    const END: &[u8] = &[0, 0, 0, 0, 0, 0, 0, 1];
    let red_and_blue = [0xFE, 255, 0, 0, 0xFE, 0, 0, 255];
    let cases: Vec<(&str, Vec<u8>, Result<&str, RejectionCode>)> = vec![
        ("colours", qoi(2, 1, 3, &[&red_and_blue, END].concat()), Ok("rb")),
        ("colours and alpha", qoi(2, 1, 4, &[0xFF, 255, 0, 0, 128, 0xFE, 255, 0, 0]), Ok("r~r~")),
        // Red is at (3 × 255 + 11 × 255) mod 64 = 50.
        ("a pixel seen before", qoi(3, 1, 3, &[&red_and_blue, &[50][..]].concat()), Ok("rbr")),
        ("a run over rows", qoi(2, 2, 3, &[0xFE, 255, 0, 0, 0xC2]), Ok("rr rr")),
        ("the first run", qoi(2, 1, 3, &[0xC1]), Ok("kk")),
        // Black minus one in each channel wraps to white.
        ("a small difference", qoi(2, 1, 3, &[0x55, 0x7F]), Ok("wk")),
        // All channels change by -1, and then by +1.
        ("a difference in luma", qoi(2, 1, 3, &[0x9F, 0x88, 0xA1, 0x88]), Ok("wk")),
        ("no end", qoi(2, 1, 3, &red_and_blue), Ok("rb")),
        ("a missing pixel", qoi(3, 1, 3, &red_and_blue), CORRUPT),
        ("half a pixel", qoi(2, 1, 3, &red_and_blue[..7]), CORRUPT),
        ("five channels", qoi(2, 1, 5, &red_and_blue), CORRUPT),
        ("no height", qoi(2, 0, 3, &red_and_blue), CORRUPT),
    ];
    for (name, source, expected) in cases {
        assert_eq!(shown(&source), expected.map(str::to_owned), "{name}");
    }
}
