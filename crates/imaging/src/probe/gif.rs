//! GIF (87a and 89a): the screen's size, and the frames as far as the bytes reach.

use super::{HeaderBytes, Pixels, Stop, Stored};
use crate::{Orientation, Size};

const IMAGE: u8 = 0x2C;
const EXTENSION: u8 = 0x21;
const GRAPHIC_CONTROL: u8 = 0xF9;

pub(super) fn read(head: &HeaderBytes<'_>) -> Result<Stored, Stop> {
    let [w0, w1, h0, h1, flags] = head.array(6)?;
    let size = Size::new(u16::from_le_bytes([w0, w1]).into(), u16::from_le_bytes([h0, h1]).into());
    let Frames { count, pixels } = frames_in_reach(head, 13 + colour_table_len(flags), size);
    let frames = count.max(1);
    Ok(Stored {
        size,
        orientation: Orientation::UPRIGHT,
        frames,
        pixels,
        header_len: 0,
        header_memory: 0,
    })
}

struct Frames {
    count: u32,
    /// Of the first.
    pixels: Pixels,
}

fn frames_in_reach(head: &HeaderBytes<'_>, first_block: u64, screen: Size) -> Frames {
    let (mut at, mut is_keyed) = (first_block, false);
    // Until there is a frame in reach: it may be interlaced, and smaller than its screen.
    let unknown = Pixels { byte_len: 4, has_alpha: true, held: screen.pixels() };
    let mut frames = Frames { count: 0, pixels: unknown };
    loop {
        let next = match head.u8(at) {
            Ok(EXTENSION) => {
                is_keyed |= is_keyed_by(head, at);
                skip_sub_blocks(head, at + 2)
            }
            Ok(IMAGE) => {
                if let (0, Ok(descriptor)) = (frames.count, head.array(at + 1)) {
                    frames.pixels = pixels(descriptor, screen, is_keyed);
                }
                frames.count += 1;
                // Left, top, width, height, flags; then a colour table, the code size, and the
                // codes.
                head.u8(at + 9)
                    .and_then(|flags| skip_sub_blocks(head, at + 10 + colour_table_len(flags) + 1))
            }
            _ => return frames,
        };
        match next {
            Ok(next) => at = next,
            Err(_) => return frames,
        }
    }
}

/// Whether the extension at `at` gives the frame behind it a transparent colour.
fn is_keyed_by(head: &HeaderBytes<'_>, at: u64) -> bool {
    matches!(head.array(at + 1), Ok([GRAPHIC_CONTROL, _, flags]) if flags & 1 > 0)
}

/// As the decoder hands them out; it holds the indices of an interlaced frame.
fn pixels(descriptor: [u8; 9], screen: Size, is_keyed: bool) -> Pixels {
    const INTERLACED: u8 = 0x40;
    let [x0, x1, y0, y1, w0, w1, h0, h1, flags] = descriptor;
    let number = |low, high| u32::from(u16::from_le_bytes([low, high]));
    let size = Size::new(number(w0, w1), number(h0, h1));
    let covers =
        [x0, x1, y0, y1] == [0; 4] && size.width >= screen.width && size.height >= screen.height;
    let has_alpha = is_keyed || !covers;
    let held = if flags & INTERLACED > 0 { size.pixels() } else { 0 };
    Pixels { byte_len: if has_alpha { 4 } else { 3 }, has_alpha, held }
}

fn skip_sub_blocks(head: &HeaderBytes<'_>, at: u64) -> Result<u64, Stop> {
    let mut at = at;
    loop {
        match head.u8(at)? {
            0 => return Ok(at + 1),
            len => at += 1 + u64::from(len),
        }
    }
}

fn colour_table_len(flags: u8) -> u64 {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}
