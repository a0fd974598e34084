//! ICO and CUR: the directory, and the header of the largest picture in it, which is a PNG or a bitmap.

use super::bmp::{Dib, DibCompression, MAX_DIB_LEN, parse_dib};
use super::header::{DecodedPixels, StoredHeader};
use super::header_bytes::{HeaderBytes, Stop};
use super::png;
use crate::{Rejection, Size};

const DIRECTORY_AT: u64 = 6;
const ENTRY_LEN: u64 = 16;

/// The largest picture of an icon.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IconPicture {
    /// The offset in the file.
    pub(crate) at: u64,
    pub(crate) byte_len: u64,
    pub(crate) kind: IconKind,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum IconKind {
    Png,
    /// A bitmap without a file header. The size is that of the picture.
    Bitmap {
        dib: Dib,
        /// Whether one bit per pixel follows, which is 1 where the icon is transparent.
        has_mask: bool,
    },
}

pub(super) fn read(header_bytes: &HeaderBytes<'_>) -> Result<StoredHeader, Stop> {
    let picture = largest(header_bytes)?;
    match picture.kind {
        IconKind::Png => {
            let start = header_bytes.get_anywhere(picture.at, png::IMAGE_HEADER_END)?;
            let start = HeaderBytes { bytes: start, distant: &[], source_byte_len: start.len() as u64 };
            // The other chunks are not read, so that the worst is assumed.
            png::read_image_header(&start)
        }
        IconKind::Bitmap { dib, .. } => {
            let stored = dib.decoded_pixels().decoder_bytes;
            let decoder_bytes = 4 * dib.size.pixels() + stored;
            let pixels = DecodedPixels { pixel_bytes: 4, has_alpha: true, decoder_bytes };
            Ok(StoredHeader::still(dib.size, pixels))
        }
    }
}

/// The largest picture of a file that is in memory.
pub(crate) fn largest_icon(bytes: &[u8]) -> Option<IconPicture> {
    largest(&HeaderBytes { bytes, distant: &[], source_byte_len: bytes.len() as u64 }).ok()
}

/// The offset after the largest picture of an icon whose header was read.
pub(super) fn picture_end(header_bytes: &HeaderBytes<'_>) -> Option<u64> {
    largest(header_bytes).ok().map(|picture| picture.at + picture.byte_len)
}

fn largest(header_bytes: &HeaderBytes<'_>) -> Result<IconPicture, Stop> {
    let [kind, _, count_low, count_high] = header_bytes.array(2)?;
    let count = u64::from(u16::from_le_bytes([count_low, count_high]));
    let directory = header_bytes.get(DIRECTORY_AT, count * ENTRY_LEN)?;
    // In a cursor, the place of the depth holds the hot spot.
    let is_cursor = kind == 2;
    // Of equal ones, the first.
    let largest = directory.as_chunks::<16>().0.iter().rev().max_by_key(|entry| {
        let depth = if is_cursor { 0 } else { u16::from_le_bytes([entry[6], entry[7]]) };
        (side(entry[0]) * side(entry[1]), depth)
    });
    let Some(&[_, height, _, _, _, _, _, _, l0, l1, l2, l3, a0, a1, a2, a3]) = largest else {
        return Err(Rejection::corrupt("it has no picture").into());
    };
    let (at, byte_len): (u64, u64) =
        (u32::from_le_bytes([a0, a1, a2, a3]).into(), u32::from_le_bytes([l0, l1, l2, l3]).into());
    let available = header_bytes.source_byte_len.saturating_sub(at).min(byte_len);
    let start = header_bytes.get_anywhere(at, available.min(MAX_DIB_LEN as u64))?;
    if start.starts_with(png::SIGNATURE) {
        return Ok(IconPicture { at, byte_len, kind: IconKind::Png });
    }
    let mut dib = parse_dib(start)?;
    if dib.compression != DibCompression::None {
        return Err(Rejection::unsupported("icon with run-length codes").into());
    }
    // The height counts the mask. Some writers forget that.
    let has_mask = dib.size.height != side(height);
    if has_mask {
        dib.size = Size::new(dib.size.width, dib.size.height / 2);
    }
    if dib.bits_per_pixel == 32 {
        dib.masks[3] = 0xFF00_0000;
    }
    Ok(IconPicture { at, byte_len, kind: IconKind::Bitmap { dib, has_mask } })
}

/// A side in the directory. 0 stands for 256.
fn side(byte: u8) -> u32 {
    if byte == 0 { 256 } else { byte.into() }
}
