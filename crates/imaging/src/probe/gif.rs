//! GIF (87a and 89a): the screen's size, and the frames as far as the bytes reach.

use super::header::{DecodedPixels, StoredHeader};
use super::header_bytes::{HeaderBytes, Stop};
use crate::Size;

const FIRST_BLOCK: u64 = 13;
const IMAGE: u8 = 0x2C;
const EXTENSION: u8 = 0x21;
const GRAPHIC_CONTROL: u8 = 0xF9;

pub(super) fn read(header_bytes: &HeaderBytes<'_>) -> Result<StoredHeader, Stop> {
    let [w0, w1, h0, h1, flags] = header_bytes.array(6)?;
    let size = Size::new(u16::from_le_bytes([w0, w1]).into(), u16::from_le_bytes([h0, h1]).into());
    let first_block = FIRST_BLOCK + colour_table_len(flags);
    let AvailableFrames { count, pixels } = available_frames(header_bytes, first_block, size);
    Ok(StoredHeader { frames: count.max(1), ..StoredHeader::still(size, pixels) })
}

struct AvailableFrames {
    count: u32,
    /// The decoded pixels of the first frame.
    pixels: DecodedPixels,
}

/// Counts the frames whose blocks are among the bytes given. The rest of the file is not read for them.
fn available_frames(header_bytes: &HeaderBytes<'_>, first_block: u64, screen: Size) -> AvailableFrames {
    let (mut at, mut has_transparent_colour) = (first_block, false);
    // Without the first frame, the worst case is assumed: it may be interlaced, and smaller than the screen.
    let worst = DecodedPixels { pixel_bytes: 4, has_alpha: true, decoder_bytes: screen.pixels() };
    let mut frames = AvailableFrames { count: 0, pixels: worst };
    loop {
        let next = match header_bytes.u8(at) {
            Ok(EXTENSION) => {
                has_transparent_colour |= sets_transparent_colour(header_bytes, at);
                skip_sub_blocks(header_bytes, at + 2)
            }
            Ok(IMAGE) => {
                if let (0, Ok(descriptor)) = (frames.count, header_bytes.array(at + 1)) {
                    frames.pixels = decoded_pixels(descriptor, screen, has_transparent_colour);
                }
                frames.count += 1;
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

/// Whether the extension at `at` gives the next frame a transparent colour.
fn sets_transparent_colour(header_bytes: &HeaderBytes<'_>, at: u64) -> bool {
    matches!(header_bytes.array(at + 1), Ok([GRAPHIC_CONTROL, _, flags]) if flags & 1 > 0)
}

/// The pixels that the decoder makes of the first frame.
fn decoded_pixels(descriptor: [u8; 9], screen: Size, has_transparent_colour: bool) -> DecodedPixels {
    const INTERLACED: u8 = 0x40;
    let [x0, x1, y0, y1, w0, w1, h0, h1, flags] = descriptor;
    let number = |low, high| u32::from(u16::from_le_bytes([low, high]));
    let size = Size::new(number(w0, w1), number(h0, h1));
    let covers_screen = [x0, x1, y0, y1] == [0; 4] && size.width >= screen.width && size.height >= screen.height;
    let has_alpha = has_transparent_colour || !covers_screen;
    // The decoder holds the colour indices of an interlaced frame, one byte per pixel.
    let decoder_bytes = if flags & INTERLACED > 0 { size.pixels() } else { 0 };
    DecodedPixels { pixel_bytes: if has_alpha { 4 } else { 3 }, has_alpha, decoder_bytes }
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
