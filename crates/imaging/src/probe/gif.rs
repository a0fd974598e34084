//! GIF (87a and 89a): the screen's size, and the frames as far as the bytes reach.

use super::{Head, Stop, Stored};
use crate::{Orientation, Size};

const IMAGE: u8 = 0x2C;
const EXTENSION: u8 = 0x21;

pub(super) fn read(head: &Head<'_>) -> Result<Stored, Stop> {
    let [w0, w1, h0, h1, flags] = head.array(6)?;
    let size = Size::new(u16::from_le_bytes([w0, w1]).into(), u16::from_le_bytes([h0, h1]).into());
    let frames = frames_in_reach(head, 13 + colour_table_len(flags)).max(1);
    Ok(Stored { size, orientation: Orientation::UPRIGHT, frames })
}

fn frames_in_reach(head: &Head<'_>, first_block: u64) -> u32 {
    let (mut at, mut frames) = (first_block, 0);
    loop {
        let next = match head.u8(at) {
            Ok(EXTENSION) => skip_sub_blocks(head, at + 2),
            Ok(IMAGE) => {
                frames += 1;
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

fn skip_sub_blocks(head: &Head<'_>, at: u64) -> Result<u64, Stop> {
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
