//! WebP (RFC 9649): a RIFF file of one image chunk, or of an extended header (VP8X) and the chunks it announces.
//!
//! The start of the pixels is part of the header, because the decoder's memory depends on it: the frame header of lossy
//! pixels, the transforms and code groups of lossless ones. Chunks after the pixels (EXIF, further frames) count as far as
//! the bytes reach.

use super::exif;
use super::header::{DecodedPixels, StoredHeader};
use super::header_bytes::{HeaderBytes, Stop};
use super::riff::{self, Chunk, Chunks};
use super::vp8l::{self, BitReader, DecoderMemory, MAX_FRAME_GROUPS};
use crate::{Orientation, Rejection, Size};

/// Limit on the chunks of an animation that are not frames.
// libwebp allocates a record for each chunk.
const MAX_OTHER_CHUNKS: u32 = 10_000;

/// Limit on the frames of an animation.
// libwebp allocates a record for each frame. `decode::animation` rejects more frames anyway, because it counts a minimum
// of 128 × 128 px for each.
const MAX_FRAMES: u32 = 16_384;

pub(super) fn read(header_bytes: &HeaderBytes<'_>) -> Result<StoredHeader, Stop> {
    // The RIFF length counts from the ninth byte. The file may be shorter: the decoder finds out what is missing.
    let end = u64::from(u32::from_le_bytes(header_bytes.array(4)?)) + 8;
    let end = end.min(header_bytes.source_byte_len);
    match &header_bytes.array(riff::FIRST_CHUNK)? {
        b"VP8X" => extended(header_bytes, end),
        b"VP8 " | b"VP8L" => {
            let Image { size, pixels, .. } = image(header_bytes, riff::FIRST_CHUNK, end)?;
            Ok(StoredHeader::still(size, pixels))
        }
        _ => Err(Rejection::corrupt("a WebP must begin with a VP8, VP8L or VP8X chunk").into()),
    }
}

/// A still, or a frame of an animation.
struct Image {
    size: Size,
    pixels: DecodedPixels,
    /// Groups of prefix codes.
    groups: u32,
}

/// Lossy pixels without alpha. libwebp holds only a few rows of them.
const OPAQUE_LOSSY: DecodedPixels = DecodedPixels { pixel_bytes: 3, has_alpha: false, decoder_bytes: 0 };

/// The image in the chunks between `at` and `end`. Other chunks are skipped.
fn image(header_bytes: &HeaderBytes<'_>, at: u64, end: u64) -> Result<Image, Stop> {
    let mut alpha = None;
    let mut chunks = Chunks::starting_at(header_bytes, at);
    while chunks.at + 8 <= end {
        let chunk = chunks.next_chunk()?;
        match &chunk.name {
            b"VP8 " => return lossy(header_bytes, chunk.body, alpha),
            b"VP8L" => return lossless(header_bytes, chunk.body, end),
            b"ALPH" => alpha = Some((chunk.body, chunk.body_end().min(end))),
            _ => {}
        }
    }
    Err(Rejection::corrupt("there is no VP8 or VP8L chunk").into())
}

/// A VP8 key frame (RFC 6386, section 9.1), given the offsets of its alpha chunk's body if it has one.
fn lossy(header_bytes: &HeaderBytes<'_>, at: u64, alpha: Option<(u64, u64)>) -> Result<Image, Stop> {
    let [tag, _, _, start @ .., w0, w1, h0, h1] = header_bytes.array::<10>(at)?;
    if tag & 1 != 0 || start != [0x9D, 0x01, 0x2A] {
        return Err(Rejection::corrupt("a WebP must begin with a key frame").into());
    }
    // The upper two bits are a hint for displays.
    let side = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3FFF);
    let size = Size::new(side(w0, w1), side(h0, h1));
    let Some((at, end)) = alpha else { return Ok(Image { size, pixels: OPAQUE_LOSSY, groups: 1 }) };

    const COMPRESSED: u8 = 1;
    let DecoderMemory { bytes, groups } = if header_bytes.u8(at)? & 3 == COMPRESSED {
        let stream = &mut BitReader::new(header_bytes.available(at + 1, end));
        vp8l::decoder_memory(stream, size).map_err(|error| error.stop(header_bytes.len(), end))?
    } else {
        DecoderMemory { bytes: 0, groups: 1 }
    };
    // libwebp allocates two planes for alpha, and writes to one.
    let decoder_bytes = 2 * size.pixels() + bytes;
    let pixels = DecodedPixels { pixel_bytes: 4, has_alpha: true, decoder_bytes };
    Ok(Image { size, pixels, groups })
}

fn lossless(header_bytes: &HeaderBytes<'_>, at: u64, end: u64) -> Result<Image, Stop> {
    let [signature, bits @ ..] = header_bytes.array::<5>(at)?;
    if signature != 0x2F {
        return Err(Rejection::corrupt("a lossless WebP must begin with its signature").into());
    }
    let bits = u32::from_le_bytes(bits);
    let size = Size::new((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1);
    let has_alpha = bits >> 28 & 1 > 0;

    let mut stream = BitReader::new(header_bytes.available(at, end));
    let memory = stream.skip(5 * 8).and_then(|()| vp8l::decoder_memory(&mut stream, size));
    let DecoderMemory { bytes, groups } = memory.map_err(|error| error.stop(header_bytes.len(), end))?;
    let pixel_bytes = if has_alpha { 4 } else { 3 };
    Ok(Image { size, pixels: DecodedPixels { pixel_bytes, has_alpha, decoder_bytes: bytes }, groups })
}

/// A file that begins with VP8X: an animation, or a still with alpha, EXIF or a profile.
fn extended(header_bytes: &HeaderBytes<'_>, end: u64) -> Result<StoredHeader, Stop> {
    const ANIMATION: u8 = 0x02;
    const ALPHA: u8 = 0x10;
    // The canvas of libwebp and our copy of the first frame: RGBA twice.
    const CANVAS_BYTES: u64 = 2 * 4;
    let [flags, _, _, _, w0, w1, w2, h0, h1, h2] = header_bytes.array(riff::FIRST_CHUNK + 8)?;
    let side = |bytes: [u8; 3]| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) + 1;
    let size = Size::new(side([w0, w1, w2]), side([h0, h1, h2]));
    if flags & ANIMATION > 0 {
        let AvailableChunks { orientation, frames, frame_bytes } = available_chunks(header_bytes, end, size)?;
        let decoder_bytes = CANVAS_BYTES * size.pixels() + frame_bytes;
        let pixels = DecodedPixels { pixel_bytes: 4, has_alpha: true, decoder_bytes };
        let still = StoredHeader::still(size, pixels);
        return Ok(StoredHeader { orientation, frames: frames.max(1), ..still });
    }
    let Image { mut pixels, .. } = image(header_bytes, riff::FIRST_CHUNK, end)?;
    if flags & ALPHA > 0 {
        (pixels.pixel_bytes, pixels.has_alpha) = (4, true);
    }
    let AvailableChunks { orientation, .. } = available_chunks(header_bytes, end, size)?;
    Ok(StoredHeader { orientation, ..StoredHeader::still(size, pixels) })
}

struct AvailableChunks {
    orientation: Orientation,
    frames: u32,
    /// Bytes that decoding the most demanding frame takes in addition to the canvas.
    frame_bytes: u64,
}

/// Reads the chunks among the bytes given. Orientation and frames are stored after pixels, and those pixels are not
/// fetched for them.
fn available_chunks(header_bytes: &HeaderBytes<'_>, end: u64, canvas: Size) -> Result<AvailableChunks, Stop> {
    let mut found = AvailableChunks { orientation: Orientation::UPRIGHT, frames: 0, frame_bytes: 0 };
    let (mut chunks, mut others) = (Chunks::starting_at(header_bytes, riff::FIRST_CHUNK), 0);
    while let Ok(chunk) = chunks.next_chunk() {
        let Chunk { name, body, body_len } = chunk;
        match &name {
            b"ANMF" => {
                found.frames += 1;
                let frame_bytes = frame_bytes(header_bytes, body, chunk.body_end().min(end), canvas)?;
                found.frame_bytes = found.frame_bytes.max(frame_bytes);
            }
            b"EXIF" => {
                if let Ok(exif) = header_bytes.get(body, body_len) {
                    // The prefix belongs to JPEG, but many encoders write it in WebP too.
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
            return Err(Rejection::corrupt("there are too many chunks that are not frames").into());
        }
    }
    if chunks.at < end {
        // There may be more frames.
        found.frame_bytes = found.frame_bytes.max(max_frame_bytes(canvas));
    }
    Ok(found)
}

/// Bytes that decoding the frame in this ANMF chunk takes.
///
/// # Errors
/// If the frame has more than [`MAX_FRAME_GROUPS`]: frames beyond the bytes that were read are assumed to stay within it.
fn frame_bytes(header_bytes: &HeaderBytes<'_>, at: u64, end: u64, canvas: Size) -> Result<u64, Stop> {
    const FRAME_HEADER_LEN: u64 = 16;
    match image(header_bytes, at + FRAME_HEADER_LEN, end) {
        Ok(Image { groups, .. }) if groups > MAX_FRAME_GROUPS => {
            let limit = MAX_FRAME_GROUPS;
            Err(Rejection::TooManyHuffmanGroups { limit, found: groups }.into())
        }
        Ok(Image { pixels, .. }) => Ok(pixels.decoder_bytes),
        // Its bytes were not given, or the decoder will reject it.
        Err(_) => Ok(max_frame_bytes(canvas)),
    }
}

/// Bytes that decoding a frame takes at most: as large as the canvas, and lossless or with lossless alpha.
fn max_frame_bytes(canvas: Size) -> u64 {
    2 * canvas.pixels() + vp8l::max_decoder_bytes(canvas)
}
