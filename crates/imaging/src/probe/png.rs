//! PNG (third edition): the chunks before the pixels.

use super::exif;
use super::header::{DecodedPixels, StoredHeader};
use super::header_bytes::{HeaderBytes, MAX_HEADER_BYTES, Stop};
use crate::colour::MAX_PROFILE_BYTES;
use crate::{Orientation, Rejection, Size};

pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1A\n";
const SIGNATURE_LEN: u64 = 8;
/// Bytes of a chunk's length, name and checksum.
const CHUNK_OVERHEAD: u64 = 12;
const IHDR_LEN: u64 = 13;
/// The offset after the first chunk.
pub(super) const IMAGE_HEADER_END: u64 = SIGNATURE_LEN + CHUNK_OVERHEAD + IHDR_LEN;
/// Bytes that the decoder holds for a colour profile: compressed, decompressed, and a copy of it.
const PROFILE_BYTES: u64 = 3 * MAX_PROFILE_BYTES as u64;

pub(super) fn read(header_bytes: &HeaderBytes<'_>) -> Result<StoredHeader, Stop> {
    let ImageHeader { size, depth, colours, is_interlaced } = image_header(header_bytes)?;
    let mut orientation = None;
    let (mut has_transparent_colour, mut has_profile) = (false, false);
    let mut at = IMAGE_HEADER_END;
    loop {
        let (len, name) = match chunk(header_bytes, at) {
            // The size is known, so the picture is accepted without reading the rest of the header. The worst case
            // is assumed for what the rest may contain.
            Err(Stop::NeedMore { byte_len }) if byte_len > MAX_HEADER_BYTES => {
                (has_transparent_colour, has_profile) = (true, true);
                break;
            }
            other => other?,
        };
        match &name {
            b"IDAT" | b"IEND" => break,
            b"eXIf" if orientation.is_none() && at + CHUNK_OVERHEAD + len <= MAX_HEADER_BYTES => {
                orientation = sound_exif(header_bytes, at, len)?.map(exif::orientation)
            }
            b"tRNS" => has_transparent_colour = true,
            b"iCCP" => has_profile = true,
            _ => {}
        }
        at += CHUNK_OVERHEAD + len;
    }
    Ok(StoredHeader {
        size,
        orientation: orientation.unwrap_or(Orientation::UPRIGHT),
        // An APNG is rendered as its still picture, so it does not matter what it says of its frames.
        frames: 1,
        pixels: decoded_pixels(size, depth, colours, is_interlaced, has_transparent_colour),
        header_len: at.min(header_bytes.len()),
        header_memory: if has_profile { PROFILE_BYTES } else { 0 },
    })
}

/// Reads only the first chunk, for a PNG inside another file. The worst case is assumed for what the others may contain.
pub(super) fn read_image_header(header_bytes: &HeaderBytes<'_>) -> Result<StoredHeader, Stop> {
    let ImageHeader { size, depth, colours, is_interlaced } = image_header(header_bytes)?;
    let pixels = decoded_pixels(size, depth, colours, is_interlaced, true);
    Ok(StoredHeader { header_memory: PROFILE_BYTES, ..StoredHeader::still(size, pixels) })
}

/// The data of the chunk at `at`, if its checksum is right. As in browsers, only the first EXIF counts, and none whose
/// checksum is wrong.
fn sound_exif<'a>(header_bytes: &HeaderBytes<'a>, at: u64, len: u64) -> Result<Option<&'a [u8]>, Stop> {
    let checksum = u32::from_be_bytes(header_bytes.array(at + 8 + len)?);
    let is_sound = crc32fast::hash(header_bytes.get(at + 4, 4 + len)?) == checksum;
    Ok(is_sound.then_some(header_bytes.get(at + 8, len)?))
}

/// The content of IHDR.
struct ImageHeader {
    size: Size,
    depth: u8,
    colours: u8,
    is_interlaced: bool,
}

fn image_header(header_bytes: &HeaderBytes<'_>) -> Result<ImageHeader, Stop> {
    match chunk(header_bytes, SIGNATURE_LEN)? {
        (IHDR_LEN, name) if &name == b"IHDR" => {}
        (_, name) if &name == b"CgBI" => {
            return Err(Rejection::unsupported("Apple's own PNG (CgBI)").into());
        }
        _ => return Err(Rejection::corrupt("a PNG must begin with an IHDR chunk").into()),
    }
    let [width, height] =
        [header_bytes.array(SIGNATURE_LEN + 8)?, header_bytes.array(SIGNATURE_LEN + 12)?].map(u32::from_be_bytes);
    if i32::try_from(width).is_err() || i32::try_from(height).is_err() {
        return Err(Rejection::corrupt("a PNG's sides are at most 2,147,483,647").into());
    }
    let [depth, colours, _, _, interlace] = header_bytes.array(SIGNATURE_LEN + 16)?;
    Ok(ImageHeader { size: Size::new(width, height), depth, colours, is_interlaced: interlace > 0 })
}

/// The pixels that the decoder makes: it expands palettes to colours, and a transparent colour to alpha.
fn decoded_pixels(
    size: Size,
    depth: u8,
    colours: u8,
    is_interlaced: bool,
    has_transparent_colour: bool,
) -> DecodedPixels {
    const PALETTE: u8 = 3;
    const ALPHA_BIT: u8 = 4;
    let has_alpha = colours & ALPHA_BIT > 0 || has_transparent_colour;
    let channels = if matches!(colours, 0 | ALPHA_BIT) { 1 } else { 3 } + u8::from(has_alpha);
    let pixel_bytes = if depth == 16 && colours != PALETTE { 2 * channels } else { channels };
    // An interlaced picture is decoded as a whole, because its first row is complete only with the last pass.
    let decoder_bytes = if is_interlaced { size.pixels() * u64::from(pixel_bytes) } else { 0 };
    DecodedPixels { pixel_bytes, has_alpha, decoder_bytes }
}

/// The length and the name of the chunk at `at`.
fn chunk(header_bytes: &HeaderBytes<'_>, at: u64) -> Result<(u64, [u8; 4]), Stop> {
    let [l0, l1, l2, l3, name @ ..] = header_bytes.array::<8>(at)?;
    Ok((u32::from_be_bytes([l0, l1, l2, l3]).into(), name))
}
