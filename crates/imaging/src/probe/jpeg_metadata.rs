//! Removes metadata from the header of a JPEG while it is read, so that its length does not matter.
//!
//! Phones write 20 MB of depth maps and previews as extended XMP before the frame header. A segment has at most 64 KiB,
//! and nothing says where the next but one begins: all bytes have to be read, but they need not be kept.

use std::convert::Infallible;

use baseline_jpeg::markers::{APP1, EOI, SOI, SOS, is_metadata, next_marker};

/// What an APP1 segment with EXIF begins with. Others hold XMP.
pub(super) const EXIF: &[u8] = b"Exif\0\0";

/// Removes the segments of a JPEG's header that neither the header reader nor a decoder needs. Of EXIF, the first
/// segment is kept.
#[derive(Debug, Default)]
pub(super) struct JpegMetadata {
    /// Everything before this offset is kept.
    checked: usize,
    has_exif: bool,
    /// Whether the scan begins, or the header is corrupt.
    is_done: bool,
}

impl JpegMetadata {
    /// Whether the bytes begin like a JPEG.
    pub(super) fn is_jpeg(bytes: &[u8]) -> bool {
        bytes.starts_with(&[0xFF, SOI, 0xFF])
    }

    /// Removes segments that are complete. `bytes` are those that the last call left, and the ones that follow them in
    /// the file. Returns how many bytes were removed.
    pub(super) fn remove_from(&mut self, bytes: &mut Vec<u8>) -> u64 {
        if self.is_done || !Self::is_jpeg(bytes) {
            return 0;
        }
        // The bytes before `to` are kept. Those from `from` on are still to be checked.
        let (mut to, mut from) = (self.checked, self.checked);
        while let Some(segment) = self.next_segment(bytes, from) {
            if !segment.is_removed {
                bytes.copy_within(from..segment.end, to);
                to += segment.end - from;
            }
            from = segment.end;
        }
        bytes.drain(to..from);
        self.checked = to;
        (from - to) as u64
    }

    /// `None` if the segment is not complete, or if no more segments are of interest.
    fn next_segment(&mut self, bytes: &[u8], from: usize) -> Option<Segment> {
        let mut at = from;
        let marker = next_marker(|| {
            let byte = bytes.get(at).copied();
            at += usize::from(byte.is_some());
            Ok::<_, Infallible>(byte)
        });
        let Ok(marker) = marker;
        let marker = marker?;
        let body_len = marker.segment_len.map_or(Some(0), |len| len.checked_sub(2));
        let Some(body_len) = body_len.filter(|_| !matches!(marker.code, SOS | EOI)) else {
            self.is_done = true;
            return None;
        };
        let end = at + usize::from(body_len);
        let body = bytes.get(at..end)?;
        let is_first_exif = !self.has_exif && marker.code == APP1 && body.starts_with(EXIF);
        self.has_exif |= is_first_exif;
        Some(Segment { end, is_removed: is_metadata(marker.code, body) && !is_first_exif })
    }
}

struct Segment {
    end: usize,
    is_removed: bool,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::{Orientation, Size, chart};

    fn segment(code: u8, body: &[u8]) -> Vec<u8> {
        let len = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        [&[0xFF, code], &len[..], body].concat()
    }

    #[test]
    fn only_metadata_is_removed_whatever_the_pieces_are() {
        let jpeg = chart::jpeg(Size::new(40, 30), Orientation::UPRIGHT);
        let xmp = segment(0xE1, &[b"http://ns.adobe.com/xmp/extension/\0".as_slice(), &[7; 300]].concat());
        let exif = segment(0xE1, b"Exif\0\0II*\0");
        let icc = segment(0xE2, b"ICC_PROFILE\0\x01\x01profile");
        let adobe = segment(0xEE, b"Adobe\0\0\0\0\0\0\x01");
        let others = [segment(0xE2, b"MPF\0"), segment(0xFE, b"comment"), segment(0xEE, b"other")].concat();
        let (start, rest) = jpeg.split_at(2);
        let source = [start, &xmp, &exif, &others, &icc, &xmp, &exif, &adobe, &[0xFF; 3], rest].concat();
        let expected = [start, &exif, &icc, &adobe, &[0xFF; 3], rest].concat();
        for piece_len in [1, 7, 100, source.len()] {
            let (mut metadata, mut kept, mut removed) = (JpegMetadata::default(), Vec::new(), 0);
            for piece in source.chunks(piece_len) {
                kept.extend_from_slice(piece);
                removed += metadata.remove_from(&mut kept);
            }
            assert!(kept == expected, "{piece_len} bytes at a time");
            assert_eq!(removed, (source.len() - expected.len()) as u64);
        }
    }

    #[test]
    fn other_files_and_scans_are_left_alone() {
        let jpeg = chart::jpeg(Size::new(40, 30), Orientation::UPRIGHT);
        let behind_the_scan = [jpeg, segment(0xFE, b"comment")].concat();
        for source in [behind_the_scan, [b"GIF89a".as_slice(), &segment(0xFE, b"comment")].concat()] {
            let mut kept = source.clone();
            assert_eq!(JpegMetadata::default().remove_from(&mut kept), 0);
            assert_eq!(kept, source);
        }
    }
}
