//! WebP (RFC 9649): a RIFF file of one simple chunk, or of an extended header and what it
//! announces.

use super::{Head, Pixels, Stop, Stored, exif};
use crate::{Orientation, Rejection, Size};

const FIRST_CHUNK: u64 = 12;

pub(super) fn read(head: &Head<'_>) -> Result<Stored, Stop> {
    // A cut file is known by its first eight bytes: the RIFF size counts from the ninth.
    let riff_len = u64::from(u32::from_le_bytes(head.array(4)?)) + 8;
    if riff_len > head.source_byte_len {
        return Err(Rejection::corrupt("the file is shorter than its header says").into());
    }
    let at = FIRST_CHUNK + 8;
    let still =
        |(size, pixels)| Stored { size, orientation: Orientation::UPRIGHT, frames: 1, pixels };
    match &head.array(FIRST_CHUNK)? {
        b"VP8 " => lossy_size(head.array(at)?).map(|size| still((size, OPAQUE))),
        b"VP8L" => lossless(head.array(at)?).map(still),
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

/// Lossy pixels without alpha, of which libwebp holds but a few rows.
const OPAQUE: Pixels = Pixels { byte_len: 3, has_alpha: false, held: 0 };

fn lossless([signature, bits @ ..]: [u8; 5]) -> Result<(Size, Pixels), Stop> {
    if signature != 0x2F {
        return Err(Rejection::corrupt("a lossless WebP has to begin with 0x2F").into());
    }
    let bits = u32::from_le_bytes(bits);
    let size = Size::new((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
    Ok((size, lossless_pixels(size, bits >> 28 & 1 > 0)))
}

/// libwebp decodes them into words of its own first.
fn lossless_pixels(size: Size, has_alpha: bool) -> Pixels {
    Pixels { byte_len: if has_alpha { 4 } else { 3 }, has_alpha, held: 4 * size.pixels() }
}

fn extended(head: &Head<'_>, header: [u8; 10]) -> Stored {
    const ANIMATION: u8 = 0x02;
    const ALPHA: u8 = 0x10;
    let [flags, _, _, _, w0, w1, w2, h0, h1, h2] = header;
    let side = |bytes: [u8; 3]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) + 1;
    let size = Size::new(side([w0, w1, w2]), side([h0, h1, h2]));
    let Chunks { orientation, frames, is_lossy } = chunks_in_reach(head);
    let has_alpha = flags & ALPHA > 0;
    let (frames, pixels) = if flags & ANIMATION > 0 {
        // Its first frame comes on a canvas, and that is copied.
        (frames.max(1), Pixels { byte_len: 4, has_alpha: true, held: 8 * size.pixels() })
    } else if is_lossy && has_alpha {
        (1, Pixels { byte_len: 4, has_alpha, held: size.pixels() })
    } else if is_lossy {
        (1, OPAQUE)
    } else {
        (1, lossless_pixels(size, has_alpha))
    };
    Stored { size, orientation, frames, pixels }
}

struct Chunks {
    orientation: Orientation,
    frames: u32,
    is_lossy: bool,
}

/// What the chunks say as far as the bytes reach: orientation and frames stand behind pixels that
/// nobody should have to fetch for them.
fn chunks_in_reach(head: &Head<'_>) -> Chunks {
    let (mut orientation, mut frames, mut is_lossy) = (Orientation::UPRIGHT, 0, false);
    let mut at = FIRST_CHUNK;
    while let (Ok(name), Ok(len)) = (head.array(at), head.array(at + 4)) {
        let len = u64::from(u32::from_le_bytes(len));
        match &name {
            b"ANMF" => frames += 1,
            b"VP8 " => is_lossy = true,
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
    Chunks { orientation, frames, is_lossy }
}
