//! JPEG (ITU-T T.81): reads the marker segments up to the first scan, among them EXIF and the frame header.

use baseline_jpeg::markers::{
    APP1, APP2, DHP, EOI, SOF2, SOF9, SOF10, SOF55, SOS, is_frame_header, is_metadata, next_marker,
};
use baseline_jpeg::{FrameComponent, FrameHeader, FrameHeaderError, icc};

use super::exif;
use super::header::{DecodedPixels, StoredHeader};
use super::header_bytes::{HeaderBytes, Stop};
use super::jpeg_metadata::EXIF;
use crate::colour::MAX_PROFILE_BYTES;
use crate::{Orientation, Rejection, Size};

pub(super) fn read(header_bytes: &HeaderBytes<'_>) -> Result<StoredHeader, Stop> {
    let mut at = 0;
    let (mut orientation, mut frame) = (None, None);
    let (mut tables, mut profile, mut skipped) = (0, 0, 0);
    loop {
        let start = at;
        let marker = next_marker(|| {
            let byte = header_bytes.u8(at)?;
            at += 1;
            Ok::<_, Stop>(Some(byte))
        })?;
        let Some(marker) = marker.filter(|marker| marker.code != EOI) else {
            return Err(Rejection::corrupt("no scan before the end").into());
        };
        let Some(segment_len) = marker.segment_len else { continue };
        let Some(body_len) = segment_len.checked_sub(2).map(u64::from) else {
            return Err(Rejection::corrupt("a marker segment is shorter than its own length").into());
        };
        let body_start = header_bytes.available(at, at + body_len.min(icc::TAG.len() as u64));
        match marker.code {
            APP1 if orientation.is_none() && body_start.starts_with(EXIF) => {
                orientation = header_bytes.get(at, body_len)?.strip_prefix(EXIF).map(exif::orientation);
            }
            // The decoder does not keep these segments, and `JpegMetadata` removes them.
            code if is_metadata(code, body_start) => skipped += at + body_len - start,
            APP2 => profile += u64::from(segment_len),
            _ => tables += u64::from(segment_len),
        }
        match marker.code {
            DHP => return Err(Rejection::unsupported("hierarchical JPEG").into()),
            SOF55 => return Err(Rejection::unsupported("JPEG-LS").into()),
            code if is_frame_header(code) => {
                judge_process(code)?;
                let header = FrameHeader::parse(header_bytes.get(at, body_len)?).map_err(refusal)?;
                if header.size.height == 0 && header.size.width > 0 {
                    return Err(Rejection::unsupported("JPEG with its height behind the pixels (DNL)").into());
                }
                frame = Some((header, matches!(code, SOF2 | SOF10)));
            }
            SOS => {
                let Some((FrameHeader { size, components }, is_progressive)) = frame else {
                    return Err(Rejection::corrupt("no frame header before the first scan").into());
                };
                let size = Size::new(size.width, size.height);
                // Of the scan header, only its first byte is needed: the number of its components.
                let in_scan = usize::from(header_bytes.u8(at)?);
                let has_scans = is_progressive || in_scan < components.len();
                return Ok(StoredHeader {
                    header_len: at + body_len - skipped,
                    header_memory: header_memory(tables, profile),
                    size,
                    orientation: orientation.unwrap_or(Orientation::UPRIGHT),
                    frames: 1,
                    pixels: DecodedPixels {
                        pixel_bytes: components_out(components.len()),
                        has_alpha: false,
                        decoder_bytes: if has_scans { coefficient_bytes(size, &components) } else { 0 },
                    },
                });
            }
            _ => {}
        }
        at += body_len;
    }
}

fn refusal(error: FrameHeaderError) -> Rejection {
    match error {
        FrameHeaderError::Precision(_) | FrameHeaderError::ComponentCount(_) | FrameHeaderError::FractionalSampling => {
            Rejection::unsupported(error.to_string())
        }
        FrameHeaderError::TooShort | FrameHeaderError::Components => Rejection::corrupt(error),
    }
}

/// Bytes of memory that the decoder allocates for `tables` and `profile` bytes of the header. Longer profiles than
/// [`MAX_PROFILE_BYTES`] are ignored.
fn header_memory(tables: u64, profile: u64) -> u64 {
    // Tables and the profile are copied into a vector. While a vector grows, the old buffer and one of twice its length
    // exist.
    const GROWING_VECTOR: u64 = 3;
    // The profile's parts, libjpeg's copy of them, and the assembled profile.
    const PROFILE_COPIES: u64 = 3;
    let profile = profile.min(MAX_PROFILE_BYTES as u64);
    GROWING_VECTOR * (tables + profile) + PROFILE_COPIES * profile
}

/// Rejects frame headers of coding processes that no decoder here supports.
fn judge_process(marker: u8) -> Result<(), Rejection> {
    match marker {
        0xC0..=0xC2 | SOF9 | SOF10 => Ok(()),
        0xC3 | 0xCB => Err(Rejection::unsupported("lossless JPEG")),
        _ => Err(Rejection::unsupported("hierarchical JPEG")),
    }
}

/// Channels of a decoded picture: grey, RGB or CMYK.
fn components_out(stored: usize) -> u8 {
    match stored {
        1 => 1,
        4 => 4,
        _ => 3,
    }
}

/// Bytes that libjpeg allocates for a JPEG with several scans: 64 coefficients of 16 bits for each block of each
/// component, with the numbers of blocks rounded up to whole MCUs. Decoding at a smaller scale, or leaving out scans, does
/// not reduce it.
fn coefficient_bytes(size: Size, components: &[FrameComponent]) -> u64 {
    const BLOCK_BYTES: u64 = 64 * 2;
    let horizontal = components.iter().map(|component| component.horizontal).max().unwrap_or(1);
    let vertical = components.iter().map(|component| component.vertical).max().unwrap_or(1);
    let blocks = |side: u32, own: u8, max: u8| {
        let (side, own, max) = (u64::from(side), u64::from(own), u64::from(max));
        (side * own).div_ceil(8 * max).next_multiple_of(own)
    };
    let of_component = |component: &FrameComponent| {
        blocks(size.width, component.horizontal, horizontal) * blocks(size.height, component.vertical, vertical)
    };
    BLOCK_BYTES * components.iter().map(of_component).sum::<u64>()
}
