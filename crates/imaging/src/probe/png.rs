//! PNG (third edition): the chunks before the pixels.

use super::{Head, MAX_HEADER_BYTES, Stop, Stored, exif, unsupported};
use crate::{Orientation, Rejection, Size};

const SIGNATURE_LEN: u64 = 8;
const CHUNK_OVERHEAD: u64 = 12;

pub(super) fn read(head: &Head<'_>) -> Result<Stored, Stop> {
    let mut stored =
        Stored { size: image_header(head)?, orientation: Orientation::UPRIGHT, frames: 1 };
    let mut at = SIGNATURE_LEN + CHUNK_OVERHEAD + 13;
    loop {
        let (len, name) = match chunk(head, at) {
            // Size is known: whoever hides the pixels behind mountains of text gets no more
            // requests out of us.
            Err(Stop::Short { byte_len }) if byte_len > MAX_HEADER_BYTES => return Ok(stored),
            other => other?,
        };
        match &name {
            b"IDAT" | b"IEND" => return Ok(stored),
            b"acTL" => stored.frames = u32::from_be_bytes(head.array(at + 8)?).max(1),
            b"eXIf" => stored.orientation = exif::orientation(head.get(at + 8, len)?),
            _ => {}
        }
        at += CHUNK_OVERHEAD + len;
    }
}

fn image_header(head: &Head<'_>) -> Result<Size, Stop> {
    match chunk(head, SIGNATURE_LEN)? {
        (13, name) if &name == b"IHDR" => {}
        (_, name) if &name == b"CgBI" => return Err(unsupported("Apple's own PNG (CgBI)").into()),
        _ => return Err(Rejection::corrupt("a PNG has to begin with an IHDR chunk").into()),
    }
    let [width, height] =
        [head.array(SIGNATURE_LEN + 8)?, head.array(SIGNATURE_LEN + 12)?].map(u32::from_be_bytes);
    if i32::try_from(width).is_err() || i32::try_from(height).is_err() {
        return Err(Rejection::corrupt("a PNG's sides are at most 2,147,483,647").into());
    }
    Ok(Size::new(width, height))
}

fn chunk(head: &Head<'_>, at: u64) -> Result<(u64, [u8; 4]), Stop> {
    let len = u32::from_be_bytes(head.array(at)?);
    Ok((len.into(), head.array(at + 4)?))
}
