//! WebP (RFC 9649): a RIFF file of one simple chunk, or of an extended header and what it
//! announces.
//!
//! The chunks up to the pixels, and of lossless pixels those that say what decoding them takes, are part
//! of the header. What stands behind them (EXIF, further frames) counts as far as the bytes reach.

use super::riff::{self, Chunk, Chunks};
use super::vp8l::{self, Bits, Demand, MAX_FRAME_GROUPS};
use super::{HeaderBytes, Pixels, Stop, Stored, exif};
use crate::{Orientation, Rejection, Size};

/// Limit on the chunks of an animation that are not frames: libwebp allocates a record for each.
const MAX_OTHER_CHUNKS: u32 = 10_000;

/// Limit on the frames of an animation. libwebp allocates a record for each frame, and `decode::animation`
/// rejects more frames anyway, because each counts a minimum of pixels.
const MAX_FRAMES: u32 = 16_384;

pub(super) fn read(head: &HeaderBytes<'_>) -> Result<Stored, Stop> {
    // A cut file is known by its first eight bytes: the RIFF size counts from the ninth.
    let end = u64::from(u32::from_le_bytes(head.array(4)?)) + 8;
    if end > head.source_byte_len {
        return Err(Rejection::corrupt("the file is shorter than its header says").into());
    }
    match &head.array(riff::FIRST_CHUNK)? {
        b"VP8X" => extended(head, end),
        b"VP8 " | b"VP8L" => {
            let Image { size, pixels, .. } = image(head, riff::FIRST_CHUNK, end)?;
            Ok(Stored {
                size,
                orientation: Orientation::UPRIGHT,
                frames: 1,
                pixels,
                header_len: 0,
                header_memory: 0,
            })
        }
        _ => Err(Rejection::corrupt("a WebP has to begin with a VP8, VP8L or VP8X chunk").into()),
    }
}

/// A still, or a frame of an animation.
struct Image {
    size: Size,
    pixels: Pixels,
    /// Groups of prefix codes.
    groups: u32,
}

/// Lossy pixels without alpha, of which libwebp holds but a few rows.
const OPAQUE: Pixels = Pixels { byte_len: 3, has_alpha: false, held: 0 };

/// The picture in the chunks between `at` and `end`; other chunks are skipped.
fn image(head: &HeaderBytes<'_>, at: u64, end: u64) -> Result<Image, Stop> {
    let mut alpha = None;
    let mut chunks = Chunks::starting_at(head, at);
    while chunks.at + 8 <= end {
        let chunk = chunks.next_chunk()?;
        match &chunk.name {
            b"VP8 " => return lossy(head, chunk.body, alpha),
            b"VP8L" => return lossless(head, chunk.body, end),
            b"ALPH" => alpha = Some((chunk.body, chunk.body_end().min(end))),
            _ => {}
        }
    }
    Err(Rejection::corrupt("there is no picture in it").into())
}

/// A VP8 key frame (RFC 6386, 9.1), and where its alpha is, if it has any.
fn lossy(head: &HeaderBytes<'_>, at: u64, alpha: Option<(u64, u64)>) -> Result<Image, Stop> {
    let [tag, _, _, start @ .., w0, w1, h0, h1] = head.array::<10>(at)?;
    if tag & 1 != 0 || start != [0x9D, 0x01, 0x2A] {
        return Err(Rejection::corrupt("a WebP has to begin with a key frame").into());
    }
    // The upper two bits are a hint for displays.
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
    let size = Size::new(side(w0, w1), side(h0, h1));
    let Some((at, end)) = alpha else { return Ok(Image { size, pixels: OPAQUE, groups: 1 }) };

    const COMPRESSED: u8 = 1;
    let Demand { bytes, groups } = if head.u8(at)? & 3 == COMPRESSED {
        let stream = &mut Bits::of(head.given(at + 1, end));
        let given = head.bytes.len() as u64;
        vp8l::demand(stream, size).map_err(|fault| fault.stop(given, end))?
    } else {
        Demand { bytes: 0, groups: 1 }
    };
    // libwebp allocates a plane for it twice, and writes to one.
    let held = 2 * size.pixels() + bytes;
    Ok(Image { size, pixels: Pixels { byte_len: 4, has_alpha: true, held }, groups })
}

fn lossless(head: &HeaderBytes<'_>, at: u64, end: u64) -> Result<Image, Stop> {
    let [signature, bits @ ..] = head.array::<5>(at)?;
    if signature != 0x2F {
        return Err(Rejection::corrupt("a lossless WebP has to begin with 0x2F").into());
    }
    let bits = u32::from_le_bytes(bits);
    let size = Size::new((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
    let has_alpha = bits >> 28 & 1 > 0;

    let mut stream = Bits::of(head.given(at, end));
    let given = head.bytes.len() as u64;
    let demand = stream.take(5 * 8).and_then(|()| vp8l::demand(&mut stream, size));
    let Demand { bytes, groups } = demand.map_err(|fault| fault.stop(given, end))?;
    let byte_len = if has_alpha { 4 } else { 3 };
    Ok(Image { size, pixels: Pixels { byte_len, has_alpha, held: bytes }, groups })
}

fn extended(head: &HeaderBytes<'_>, end: u64) -> Result<Stored, Stop> {
    const ANIMATION: u8 = 0x02;
    const ALPHA: u8 = 0x10;
    let [flags, _, _, _, w0, w1, w2, h0, h1, h2] = head.array(riff::FIRST_CHUNK + 8)?;
    let side = |bytes: [u8; 3]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) + 1;
    let size = Size::new(side([w0, w1, w2]), side([h0, h1, h2]));
    if flags & ANIMATION > 0 {
        let ChunkFacts { orientation, frames, frame_bytes } = chunks_in_reach(head, end, size)?;
        // Its first frame comes on a canvas, and that is copied.
        let held = 8 * size.pixels() + frame_bytes;
        let pixels = Pixels { byte_len: 4, has_alpha: true, held };
        return Ok(Stored {
            size,
            orientation,
            frames: frames.max(1),
            pixels,
            header_len: 0,
            header_memory: 0,
        });
    }
    let Image { mut pixels, .. } = image(head, riff::FIRST_CHUNK, end)?;
    if flags & ALPHA > 0 {
        (pixels.byte_len, pixels.has_alpha) = (4, true);
    }
    let ChunkFacts { orientation, .. } = chunks_in_reach(head, end, size)?;
    Ok(Stored { size, orientation, frames: 1, pixels, header_len: 0, header_memory: 0 })
}

struct ChunkFacts {
    orientation: Orientation,
    frames: u32,
    /// What decoding the most demanding frame takes beside the canvas.
    frame_bytes: u64,
}

/// What the chunks say as far as the bytes reach: orientation and frames stand behind pixels that
/// nobody should have to fetch for them.
fn chunks_in_reach(head: &HeaderBytes<'_>, end: u64, canvas: Size) -> Result<ChunkFacts, Stop> {
    let mut found = ChunkFacts { orientation: Orientation::UPRIGHT, frames: 0, frame_bytes: 0 };
    let (mut chunks, mut others) = (Chunks::starting_at(head, riff::FIRST_CHUNK), 0);
    while let Ok(chunk) = chunks.next_chunk() {
        let Chunk { name, body, body_len } = chunk;
        match &name {
            b"ANMF" => {
                found.frames += 1;
                let frame_bytes = frame(head, body, chunk.body_end().min(end), canvas)?;
                found.frame_bytes = found.frame_bytes.max(frame_bytes);
            }
            b"EXIF" => {
                if let Ok(exif) = head.get(body, body_len) {
                    // The prefix belongs to JPEG, and many write it all the same.
                    let exif = exif.strip_prefix(b"Exif\0\0").unwrap_or(exif);
                    found.orientation = exif::orientation(exif);
                }
            }
            _ => others += 1,
        }
        if found.frames > MAX_FRAMES {
            let (limit, found) = (MAX_FRAMES, found.frames);
            return Err(Rejection::TooManyFrames { limit, found }.into());
        }
        if found.frames > 0 && others > MAX_OTHER_CHUNKS {
            return Err(Rejection::corrupt("most of its chunks are no frames").into());
        }
    }
    if chunks.at < end {
        // There may be more frames.
        found.frame_bytes = found.frame_bytes.max(worst_frame(canvas));
    }
    Ok(found)
}

/// What decoding the frame in that ANMF chunk takes.
///
/// # Errors
/// If the frame has more than [`MAX_FRAME_GROUPS`]: frames beyond the bytes that were read are assumed to
/// stay within it.
fn frame(head: &HeaderBytes<'_>, at: u64, end: u64, canvas: Size) -> Result<u64, Stop> {
    const FRAME_HEADER: u64 = 16;
    match image(head, at + FRAME_HEADER, end) {
        Ok(Image { groups, .. }) if groups > MAX_FRAME_GROUPS => {
            let limit = MAX_FRAME_GROUPS;
            Err(Rejection::TooManyGroups { limit, found: groups }.into())
        }
        Ok(Image { pixels, .. }) => Ok(pixels.held),
        // Its bytes were not read, or the decoder will refuse it.
        Err(_) => Ok(worst_frame(canvas)),
    }
}

/// A frame as large as the canvas, lossless or with lossless alpha.
fn worst_frame(canvas: Size) -> u64 {
    2 * canvas.pixels() + vp8l::worst(canvas)
}
