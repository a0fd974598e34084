//! PNG (third edition): the chunks before the pixels.

use super::{HeaderBytes, MAX_HEADER_BYTES, Pixels, Stop, Stored, exif};
use crate::colour::MAX_PROFILE_BYTES;
use crate::{Orientation, Rejection, Size};

const SIGNATURE_LEN: u64 = 8;
const CHUNK_OVERHEAD: u64 = 12;
/// The decoder holds the compressed profile, the decompressed one, and a copy of it.
const PROFILE_BYTES: u64 = 3 * MAX_PROFILE_BYTES as u64;

pub(super) fn read(head: &HeaderBytes<'_>) -> Result<Stored, Stop> {
    let ImageHeader { size, depth, colours, is_interlaced } = image_header(head)?;
    let (mut orientation, mut frames) = (Orientation::UPRIGHT, 1);
    let (mut is_keyed, mut has_profile) = (false, false);
    let mut at = SIGNATURE_LEN + CHUNK_OVERHEAD + 13;
    loop {
        let (len, name) = match chunk(head, at) {
            // Size is known: whoever hides the pixels behind mountains of text gets no more
            // requests out of us.
            Err(Stop::NeedMore { byte_len }) if byte_len > MAX_HEADER_BYTES => {
                (is_keyed, has_profile) = (true, true);
                break;
            }
            other => other?,
        };
        match &name {
            b"IDAT" | b"IEND" => break,
            b"acTL" => frames = u32::from_be_bytes(head.array(at + 8)?).max(1),
            b"eXIf" => orientation = exif::orientation(head.get(at + 8, len)?),
            b"tRNS" => is_keyed = true,
            b"iCCP" => has_profile = true,
            _ => {}
        }
        at += CHUNK_OVERHEAD + len;
    }
    Ok(Stored {
        size,
        orientation,
        frames,
        pixels: pixels(size, depth, colours, is_interlaced, is_keyed),
        header_len: at.min(head.bytes.len() as u64),
        header_memory: if has_profile { PROFILE_BYTES } else { 0 },
    })
}

struct ImageHeader {
    size: Size,
    depth: u8,
    colours: u8,
    is_interlaced: bool,
}

fn image_header(head: &HeaderBytes<'_>) -> Result<ImageHeader, Stop> {
    match chunk(head, SIGNATURE_LEN)? {
        (13, name) if &name == b"IHDR" => {}
        (_, name) if &name == b"CgBI" => {
            return Err(Rejection::unsupported("Apple's own PNG (CgBI)").into());
        }
        _ => return Err(Rejection::corrupt("a PNG has to begin with an IHDR chunk").into()),
    }
    let [width, height] =
        [head.array(SIGNATURE_LEN + 8)?, head.array(SIGNATURE_LEN + 12)?].map(u32::from_be_bytes);
    if i32::try_from(width).is_err() || i32::try_from(height).is_err() {
        return Err(Rejection::corrupt("a PNG's sides are at most 2,147,483,647").into());
    }
    let [depth, colours, _, _, interlace] = head.array(SIGNATURE_LEN + 16)?;
    Ok(ImageHeader { size: Size::new(width, height), depth, colours, is_interlaced: interlace > 0 })
}

/// As the decoder hands them out: palettes as colours, a transparent colour (`is_keyed`) as alpha.
fn pixels(size: Size, depth: u8, colours: u8, is_interlaced: bool, is_keyed: bool) -> Pixels {
    const PALETTE: u8 = 3;
    const ALPHA_BIT: u8 = 4;
    let has_alpha = colours & ALPHA_BIT > 0 || is_keyed;
    let channels = if matches!(colours, 0 | ALPHA_BIT) { 1 } else { 3 } + u8::from(has_alpha);
    let byte_len = if depth == 16 && colours != PALETTE { 2 * channels } else { channels };
    let held = if is_interlaced { size.pixels() * u64::from(byte_len) } else { 0 };
    Pixels { byte_len, has_alpha, held }
}

fn chunk(head: &HeaderBytes<'_>, at: u64) -> Result<(u64, [u8; 4]), Stop> {
    let [l0, l1, l2, l3, name @ ..] = head.array::<8>(at)?;
    Ok((u32::from_be_bytes([l0, l1, l2, l3]).into(), name))
}
