//! Detects the format by a source's first bytes. Formats that are not decoded here are recognised and named, so that the
//! message says what to convert.

use super::header_bytes::{HeaderBytes, Stop};
use crate::Format;

pub(super) enum Signature {
    Supported(Format),
    /// A file of the family of HEIF. Its codec is known only after its boxes were read.
    Heif,
    Unsupported(&'static str),
    Unknown,
}

/// Bytes of the longest signature.
const SIGNATURE_BYTES: u64 = 32;

/// The format by the first bytes; for SVG, by as many bytes as were given.
pub(super) fn detect(header_bytes: &HeaderBytes<'_>) -> Result<Signature, Stop> {
    let start = header_bytes.get(0, SIGNATURE_BYTES.min(header_bytes.source_byte_len))?;
    Ok(match start {
        [0xFF, 0xD8, 0xFF, ..] => Signature::Supported(Format::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Signature::Supported(Format::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Signature::Supported(Format::Webp),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Signature::Supported(Format::Gif),
        // Brands of HEIF are many, and new ones appear. What is no other format is looked into.
        [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] => match brand.get(..4).and_then(iso_media) {
            Some(found) => Signature::Unsupported(found),
            None => Signature::Heif,
        },
        _ => unsupported(start).or_else(|| svg(header_bytes.bytes)).map_or(Signature::Unknown, Signature::Unsupported),
    })
}

fn unsupported(start: &[u8]) -> Option<&'static str> {
    Some(match start {
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => "TIFF",
        [b'I', b'I', b'+', 0, ..] | [b'M', b'M', 0, b'+', ..] => "BigTIFF",
        [b'I', b'I', 0xBC, ..] => "JPEG XR",
        [0, 0, 0, 0x0C, b'J', b'X', b'L', b' ', ..] | [0xFF, 0x0A, ..] => "JPEG XL",
        [0, 0, 0, 0x0C, b'j', b'P', b' ', b' ', ..] | [0xFF, 0x4F, 0xFF, 0x51, ..] => "JPEG 2000",
        // Text can also begin with "BM", so the reserved bytes and the header's length are checked too.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, _, _, _, _, 12..=124, 0, 0, 0, ..] => "BMP",
        [0, 0, 1, 0, 1..=255, 0, ..] => "ICO",
        [0, 0, 2, 0, 1..=255, 0, ..] => "CUR",
        [b'i', b'c', b'n', b's', ..] => "ICNS",
        [b'8', b'B', b'P', b'S', 0, ..] => "Photoshop",
        [b'%', b'P', b'D', b'F', b'-', ..] => "PDF",
        [b'%', b'!', b'P', b'S', ..] => "PostScript",
        [b'q', b'o', b'i', b'f', ..] => "QOI",
        [b'D', b'D', b'S', b' ', ..] => "DDS",
        [0x76, 0x2F, 0x31, 0x01, ..] => "OpenEXR",
        [b'#', b'?', b'R', b'A', b'D', b'I', b'A', b'N', b'C', b'E', ..] => "Radiance HDR",
        [b'P', b'1'..=b'7', b'\n', b'#' | b'0'..=b'9' | b'W', ..] => "PNM",
        [b'F', b'U', b'J', b'I', b'F', b'I', b'L', b'M', ..] => "camera raw",
        _ => return None,
    })
}

/// The format by the major brand of an ISO base media file. Videos are not pictures.
fn iso_media(brand: &[u8]) -> Option<&'static str> {
    Some(match brand {
        b"crx " => "camera raw",
        _ => return None,
    })
}

/// SVG is text. The tag is searched after declarations and comments, in the first 4 KiB.
fn svg(bytes: &[u8]) -> Option<&'static str> {
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes).trim_ascii_start();
    let looks_like_markup = [&b"<svg"[..], b"<?xml", b"<!--", b"<!DOCTYPE svg"].iter().any(|tag| text.starts_with(tag));
    let window = &text[..text.len().min(4096)];
    (looks_like_markup && window.windows(4).any(|four| four == b"<svg")).then_some("SVG")
}
