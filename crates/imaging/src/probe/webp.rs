//! WebP (RFC 9649): a RIFF file of one simple chunk, or of an extended header and what it
//! announces.

use super::{Head, Stop, Stored, exif};
use crate::{Orientation, Rejection, Size};

const FIRST_CHUNK: u64 = 12;

pub(super) fn read(head: &Head<'_>) -> Result<Stored, Stop> {
    // A cut file is known by its first eight bytes: the RIFF size counts from the ninth.
    let riff_len = u64::from(u32::from_le_bytes(head.array(4)?)) + 8;
    if riff_len > head.source_byte_len {
        return Err(Rejection::corrupt("the file is shorter than its header says").into());
    }
    let at = FIRST_CHUNK + 8;
    let still = |size| Stored { size, orientation: Orientation::UPRIGHT, frames: 1 };
    match &head.array(FIRST_CHUNK)? {
        b"VP8 " => lossy_size(head.array(at)?).map(still),
        b"VP8L" => lossless_size(head.array(at)?).map(still),
        b"VP8X" => Ok(extended(head, head.array(at)?)),
        _ => Err(Rejection::corrupt("a WebP has to begin with a VP8, VP8L or VP8X chunk").into()),
    }
}

/// A VP8 key frame's header (RFC 6386, 9.1).
fn lossy_size(header: [u8; 10]) -> Result<Size, Stop> {
    let [tag, _, _, start @ .., w0, w1, h0, h1] = header;
    if tag & 1 != 0 || start != [0x9D, 0x01, 0x2A] {
        return Err(Rejection::corrupt("a WebP has to begin with a key frame").into());
    }
    // The upper two bits are a hint for displays.
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
    Ok(Size::new(side(w0, w1), side(h0, h1)))
}

fn lossless_size([signature, bits @ ..]: [u8; 5]) -> Result<Size, Stop> {
    if signature != 0x2F {
        return Err(Rejection::corrupt("a lossless WebP has to begin with 0x2F").into());
    }
    let bits = u32::from_le_bytes(bits);
    Ok(Size::new((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1))
}

fn extended(head: &Head<'_>, header: [u8; 10]) -> Stored {
    const ANIMATION: u8 = 0x02;
    let [flags, _, _, _, w0, w1, w2, h0, h1, h2] = header;
    let side = |bytes: [u8; 3]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) + 1;
    let (orientation, frames) = chunks_in_reach(head);
    Stored {
        size: Size::new(side([w0, w1, w2]), side([h0, h1, h2])),
        orientation,
        frames: if flags & ANIMATION == 0 { 1 } else { frames.max(1) },
    }
}

/// Orientation and number of frames, as far as the bytes reach: both stand behind pixels that
/// nobody should have to fetch for them.
fn chunks_in_reach(head: &Head<'_>) -> (Orientation, u32) {
    let (mut orientation, mut frames) = (Orientation::UPRIGHT, 0);
    let mut at = FIRST_CHUNK;
    while let (Ok(name), Ok(len)) = (head.array(at), head.array(at + 4)) {
        let len = u64::from(u32::from_le_bytes(len));
        match &name {
            b"ANMF" => frames += 1,
            b"EXIF" => {
                if let Ok(exif) = head.get(at + 8, len) {
                    // The prefix belongs to JPEG, and many write it all the same.
                    orientation = exif::orientation(exif.strip_prefix(b"Exif\0\0").unwrap_or(exif));
                }
            }
            _ => {}
        }
        at += 8 + len + len % 2;
    }
    (orientation, frames)
}
