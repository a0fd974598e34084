//! GIF (87a and 89a): the screen's size, and the frames as far as the bytes reach.

use super::header::{DecodedPixels, StoredHeader};
use super::header_bytes::{HeaderBytes, Stop};
use crate::{Rejection, Size};

const FIRST_BLOCK: u64 = 13;
const IMAGE: u8 = 0x2C;
const EXTENSION: u8 = 0x21;
const GRAPHIC_CONTROL: u8 = 0xF9;

pub(super) fn read(header_bytes: &HeaderBytes<'_>) -> Result<StoredHeader, Stop> {
    let [w0, w1, h0, h1, flags] = header_bytes.array(6)?;
    let stated = Size::new(u16::from_le_bytes([w0, w1]).into(), u16::from_le_bytes([h0, h1]).into());
    let FirstFrame { at, has_transparent_colour } = first_frame(header_bytes, FIRST_BLOCK + colour_table_len(flags))?;
    let descriptor = header_bytes.array(at + 1)?;
    let screen = screen_size(stated, descriptor);
    let pixels = decoded_pixels(descriptor, screen, has_transparent_colour);
    Ok(StoredHeader { frames: available_frames(header_bytes, at), ..StoredHeader::still(screen, pixels) })
}

struct FirstFrame {
    /// The offset of its block.
    at: u64,
    has_transparent_colour: bool,
}

/// Skips the extensions before the first frame.
fn first_frame(header_bytes: &HeaderBytes<'_>, first_block: u64) -> Result<FirstFrame, Stop> {
    let (mut at, mut has_transparent_colour) = (first_block, false);
    loop {
        match header_bytes.u8(at)? {
            IMAGE => return Ok(FirstFrame { at, has_transparent_colour }),
            EXTENSION => {
                let next = skip_sub_blocks(header_bytes, at + 2)?;
                has_transparent_colour = sets_transparent_colour(header_bytes, at).unwrap_or(has_transparent_colour);
                at = next;
            }
            _ => return Err(Rejection::corrupt("there is no frame").into()),
        }
    }
}

/// The size of the screen. It grows to its first frame, as in browsers. Later frames are cropped to it.
fn screen_size(stated: Size, descriptor: [u8; 9]) -> Size {
    let [x, y, width, height] = numbers(descriptor);
    Size::new(stated.width.max(x + width), stated.height.max(y + height))
}

/// Counts the frames whose blocks are among the bytes given, from the first one at `at` on. The rest of the file is not
/// read for them.
fn available_frames(header_bytes: &HeaderBytes<'_>, at: u64) -> u32 {
    let (mut at, mut frames) = (at, 0);
    loop {
        let next = match header_bytes.u8(at) {
            Ok(EXTENSION) => skip_sub_blocks(header_bytes, at + 2),
            Ok(IMAGE) => {
                frames += 1;
                // Left, top, width, height and flags are followed by a colour table, the code size and the codes.
                header_bytes
                    .u8(at + 9)
                    .and_then(|flags| skip_sub_blocks(header_bytes, at + 10 + colour_table_len(flags) + 1))
            }
            _ => return frames,
        };
        match next {
            Ok(next) => at = next,
            Err(_) => return frames,
        }
    }
}

/// Whether the next frame has a transparent colour, if the extension at `at` says so.
fn sets_transparent_colour(header_bytes: &HeaderBytes<'_>, at: u64) -> Option<bool> {
    match header_bytes.array(at + 1) {
        Ok([GRAPHIC_CONTROL, len, flags]) if len >= 4 => Some(flags & 1 > 0),
        _ => None,
    }
}

/// The pixels that the decoder makes of the first frame.
fn decoded_pixels(descriptor: [u8; 9], screen: Size, has_transparent_colour: bool) -> DecodedPixels {
    const INTERLACED: u8 = 0x40;
    let flags = descriptor[8];
    let [x, y, width, height] = numbers(descriptor);
    let size = Size::new(width, height);
    let covers_screen = [x, y] == [0; 2] && width >= screen.width && height >= screen.height;
    let has_alpha = has_transparent_colour || !covers_screen;
    // The decoder holds the colour indices of an interlaced frame, one byte per pixel.
    let decoder_bytes = if flags & INTERLACED > 0 { size.pixels() } else { 0 };
    DecodedPixels { pixel_bytes: if has_alpha { 4 } else { 3 }, has_alpha, decoder_bytes }
}

/// Left, top, width and height of a frame.
fn numbers(descriptor: [u8; 9]) -> [u32; 4] {
    [0, 2, 4, 6].map(|at| u16::from_le_bytes([descriptor[at], descriptor[at + 1]]).into())
}

/// The offset after the sub-blocks that begin at `at`.
fn skip_sub_blocks(header_bytes: &HeaderBytes<'_>, at: u64) -> Result<u64, Stop> {
    let mut at = at;
    loop {
        match header_bytes.u8(at)? {
            0 => return Ok(at + 1),
            len => at += 1 + u64::from(len),
        }
    }
}

/// Bytes of a colour table, by the flags of the screen or of a frame.
fn colour_table_len(flags: u8) -> u64 {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}
