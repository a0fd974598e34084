//! Detects the format by a source's first bytes, whatever the file is called. Pictures and documents that are not decoded
//! here are named, so that the message says what to convert. [`other_file`] names files that are no pictures.

use std::io::Read;

use super::bmp::is_dib_len;
use super::header_bytes::{HeaderBytes, Stop};
use super::other_file::other_file;
use super::pnm::is_blank;
use crate::{Format, Rejection};

pub(super) enum Signature {
    Supported(Format),
    /// A file of the family of HEIF, or a video. What it holds is known only after its boxes were read.
    Heif,
    /// The name of a picture or document that is not decoded.
    Unsupported(&'static str),
}

/// Bytes of the longest signature of a format that is decoded.
const SIGNATURE_BYTES: u64 = 32;

/// Bytes in which all others are searched, as far as they were given.
const SEARCHED_BYTES: u64 = 4096;

/// The format by the first bytes.
pub(super) fn detect(header_bytes: &HeaderBytes<'_>) -> Result<Signature, Stop> {
    let start = header_bytes.get(0, SIGNATURE_BYTES.min(header_bytes.source_byte_len))?;
    if let Some(format) = supported(start) {
        return Ok(Signature::Supported(format));
    }
    let start = header_bytes.available(0, SEARCHED_BYTES);
    match picture(start).or_else(|| marked_up(start)).or_else(|| svgz(start)) {
        Some(found) => Ok(Signature::Unsupported(found)),
        // Brands of HEIF are many, and new ones appear.
        None if start.get(4..8) == Some(b"ftyp") => Ok(Signature::Heif),
        None => Err(Rejection::NotAnImage { found: other_file(start) }.into()),
    }
}

fn supported(start: &[u8]) -> Option<Format> {
    Some(match start {
        // JPEG-LS has a frame header of its own.
        [0xFF, 0xD8, 0xFF, 0xF7, ..] => return None,
        [0xFF, 0xD8, 0xFF, ..] => Format::Jpeg,
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Format::Png,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Format::Webp,
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Format::Gif,
        // Text can also begin with "BM", so the length of the bitmap's header is checked, too.
        [b'B', b'M', _, _, _, _, _, _, _, _, _, _, _, _, len, 0, 0, 0, ..] if is_dib_len((*len).into()) => Format::Bmp,
        // The directory has at least one picture, whose header has a reserved byte of 0.
        [0, 0, 1 | 2, 0, low, high, _, _, _, 0, ..] if (*low, *high) != (0, 0) => Format::Ico,
        // The file of a camera.
        [b'I', b'I', b'*', 0, _, _, _, _, b'C', b'R', 2, ..] => return None,
        [b'I', b'I', b'*' | b'+', 0, ..] | [b'M', b'M', 0, b'*' | b'+', ..] => Format::Tiff,
        [b'q', b'o', b'i', b'f', ..] => Format::Qoi,
        [b'P', b'1'..=b'6', blank, b'#' | b'0'..=b'9' | b' ' | b'\n', ..] if is_blank(*blank) => Format::Pnm,
        [b'P', b'7', b'\n', b'#' | b'W' | b'H' | b'D' | b'M' | b'T', ..] => Format::Pnm,
        _ => return None,
    })
}

/// Pictures and documents with a signature at their start.
const PICTURES: [(&[u8], &str); 56] = [
    (b"\xFF\xD8\xFF\xF7", "JPEG-LS"),
    (b"\xFF\x0A", "JPEG XL"),
    (b"\0\0\0\x0CJXL \r\n\x87\n", "JPEG XL"),
    (b"\xFF\x4F\xFF\x51", "JPEG 2000"),
    (b"\0\0\0\x0CjP  \r\n\x87\n", "JPEG 2000"),
    (b"\0\0\0\x0CjP\x1A\x1A\r\n\x87\n", "JPEG 2000"),
    (b"II\xBC", "JPEG XR"),
    (b"IIRO", "camera raw (ORF)"),
    (b"IIRS", "camera raw (ORF)"),
    (b"MMOR", "camera raw (ORF)"),
    (b"IIU\0", "camera raw (RW2)"),
    (b"II\x1A\0\0\0HEAPCCDR", "camera raw (CRW)"),
    (b"FUJIFILMCCD-RAW", "camera raw (RAF)"),
    (b"FOVb", "camera raw (X3F)"),
    (b"\0MRM", "camera raw (MRW)"),
    (b"8BPS\0\x01", "Photoshop (PSD)"),
    (b"8BPS\0\x02", "Photoshop (PSB)"),
    (b"%PDF-", "PDF"),
    (b"\xEF\xBB\xBF%PDF-", "PDF"),
    (b"%!PS", "PostScript"),
    (b"\xC5\xD0\xD3\xC6", "PostScript (EPS)"),
    (b"\x76\x2F\x31\x01", "OpenEXR"),
    (b"#?RADIANCE", "Radiance HDR"),
    (b"#?RGBE", "Radiance HDR"),
    (b"DDS ", "DDS"),
    (b"\xABKTX 11\xBB\r\n\x1A\n", "KTX"),
    (b"\xABKTX 20\xBB\r\n\x1A\n", "KTX"),
    (b"PVR\x03", "PVR"),
    (b"\x13\xAB\xA1\x5C", "ASTC"),
    (b"VTF\0", "VTF"),
    (b"\xD7\xCD\xC6\x9A", "WMF"),
    (b"\x01\0\x09\0\0\x03", "WMF"),
    (b"\x02\0\x09\0\0\x03", "WMF"),
    (b"AT&TFORM", "DjVu"),
    (b"FLIF", "FLIF"),
    (b"BPG\xFB", "BPG"),
    (b"icns", "ICNS"),
    (b"gimp xcf ", "GIMP (XCF)"),
    (b"\x8AMNG\r\n\x1A\n", "MNG"),
    (b"\x8BJNG\r\n\x1A\n", "JNG"),
    (b"farbfeld", "farbfeld"),
    (b"\x0A\x05\x01\x08", "PCX"),
    (b"\x0A\x05\x01\x01", "PCX"),
    (b"\x59\xA6\x6A\x95", "Sun raster"),
    (b"\x01\xDA\0\x01", "SGI"),
    (b"\x01\xDA\x01\x01", "SGI"),
    (b"SIMPLE  =", "FITS"),
    (b"SDPX", "DPX"),
    (b"XPDS", "DPX"),
    (b"\x80\x2A\x5F\xD7", "Cineon"),
    (b"/* XPM */", "XPM"),
    (b"FORM", "IFF"),
    (b"PF\n", "PFM"),
    (b"Pf\n", "PFM"),
    (b"Paint Shop Pro Image File", "Paint Shop Pro"),
    (b"AC10", "AutoCAD (DWG)"),
];

fn picture(start: &[u8]) -> Option<&'static str> {
    if start.get(128..132) == Some(b"DICM") {
        return Some("DICOM");
    }
    if start.starts_with(b"\x01\0\0\0") && start.get(40..44) == Some(b" EMF") {
        return Some("EMF");
    }
    if start.get(4..12) == Some(b"ftypcrx ") {
        return Some("camera raw (CR3)");
    }
    if let [b'I', b'I', b'*', 0, _, _, _, _, b'C', b'R', 2, ..] = start {
        return Some("camera raw (CR2)");
    }
    match start {
        [b'F', b'O', b'R', b'M', _, _, _, _, b'A', b'I', b'F', ..] => return None,
        [b'R', b'I', b'F', b'F', _, _, _, _, b'A', b'C', b'O', b'N', ..] => return Some("animated cursor (ANI)"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'C', b'D', b'R', ..] => return Some("CorelDRAW"),
        _ => {}
    }
    PICTURES.iter().find(|(signature, _)| start.starts_with(signature)).map(|(_, name)| *name)
}

/// SVG is text. Its element is searched after declarations and comments.
fn marked_up(start: &[u8]) -> Option<&'static str> {
    let text = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start).trim_ascii_start();
    let has_element = || text.windows(4).any(|four| four == b"<svg");
    let has_prefixed_element = || text.windows(9).any(|nine| nine == b"<svg:svg ");
    let is_markup = [&b"<svg"[..], b"<?xml", b"<!--", b"<!DOCTYPE svg"].iter().any(|tag| text.starts_with(tag));
    // In UTF-16, every other byte of ASCII text is 0.
    let is_wide = start.starts_with(b"\xFF\xFE<\0") || start.starts_with(b"\xFE\xFF\0<");
    let has_wide_element = || {
        let narrow: Vec<u8> = start.iter().copied().filter(|&byte| byte != 0).collect();
        narrow.windows(4).any(|four| four == b"<svg")
    };
    let is_svg = is_markup && (has_element() || has_prefixed_element()) || is_wide && has_wide_element();
    is_svg.then_some("SVG")
}

/// SVGZ is SVG in gzip.
fn svgz(start: &[u8]) -> Option<&'static str> {
    start.starts_with(b"\x1F\x8B\x08").then_some(())?;
    let mut text = vec![0; 4096];
    let mut unpacked = flate2::read::GzDecoder::new(start);
    let mut len = 0;
    while let Ok(read @ 1..) = unpacked.read(&mut text[len..]) {
        len += read;
    }
    marked_up(&text[..len]).map(|_| "SVGZ")
}
