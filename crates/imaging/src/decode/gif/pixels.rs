//! The pixels of a GIF's frame: colour indices, compressed by LZW in sub-blocks, row by row.

use std::io::BufRead;

use weezl::{BitOrder, LzwStatus, decode};

use super::blocks::{Blocks, Fault, read_byte};
use crate::damage::DamageLog;
use crate::{Corruption, RenderError, Size};

/// Reads the rows of a frame in the order in which they are stored. They are decoded in strips.
pub(in crate::decode) struct FramePixels {
    codes: decode::Decoder,
    /// Bytes of the sub-block that were not decoded yet.
    block_left: usize,
    /// Whether the last sub-block was read, or the file has ended.
    is_at_end: bool,
    size: Size,
    /// The number of the frame, from 1, and of all frames that are decoded.
    frame: u32,
    frames: u32,
    /// Rows that were not decoded yet.
    rows_left: u32,
    /// Decoded rows. The bytes from `at` on are the next ones to read.
    strip: Vec<u8>,
    at: usize,
    /// Whether pixels are missing. The strip then ends with the last one that was decoded.
    is_damaged: bool,
}

/// Pixels that are decoded at a time. A call of the decoder costs more than a short row.
const STRIP_PIXELS: u32 = 64 * 1024;

impl FramePixels {
    /// The pixels of a frame of this number, from 1. `frames` is the number of all frames, or 1 for a still.
    pub(super) fn new(code_size: u8, size: Size, frame: u32, frames: u32) -> Result<Self, Fault> {
        // The standard allows 2 to 8. A picture of two colours may have 1.
        if !(1..=8).contains(&code_size) {
            return Err(Fault(format!("its pixels have a code size of {code_size}, which must be 1 to 8")));
        }
        let codes = decode::Configuration::new(BitOrder::Lsb, code_size).with_yield_on_full_buffer(true).build();
        let rows_left = if size.width == 0 { 0 } else { size.height };
        let (block_left, is_at_end, strip, at, is_damaged) = Default::default();
        Ok(FramePixels { codes, block_left, is_at_end, size, frame, frames, rows_left, strip, at, is_damaged })
    }

    /// The next row of colour indices, which must not be beyond the last one. Where pixels are missing, and `log` accepts
    /// it, the row is shorter, or empty.
    pub(in crate::decode) fn next_row<R: BufRead>(
        &mut self,
        blocks: &mut Blocks<R>,
        log: &DamageLog,
    ) -> Result<&[u8], RenderError> {
        let width = self.size.width as usize;
        if self.at == self.strip.len() && width > 0 && !self.is_damaged {
            let rows = self.rows_left.min(STRIP_PIXELS.div_ceil(self.size.width));
            self.strip.resize(rows as usize * width, 0);
            self.at = 0;
            let filled = self.fill_strip(blocks)?;
            if filled < self.strip.len() {
                log.accept(self.corruption(filled, log))?;
                self.strip.truncate(filled);
                self.is_damaged = true;
            }
            self.rows_left -= rows;
        }
        let start = self.at;
        self.at = (start + width).min(self.strip.len());
        Ok(&self.strip[start..self.at])
    }

    /// The damage of a frame of whose strip only `filled` pixels were decoded.
    fn corruption(&self, filled: usize, log: &DamageLog) -> Corruption {
        let Size { width, height } = self.size;
        let rows = height - self.rows_left;
        let row = rows + u32::try_from(filled / width.max(1) as usize).unwrap_or(u32::MAX) + 1;
        let corruption = if log.is_at_file_end() {
            log.file_ends()
        } else {
            Corruption::new(format_args!("the pixels of frame {} end in row {row} of {height}", self.frame))
        };
        let pixels = self.size.pixels();
        let decoded = u64::from(rows) * u64::from(width) + filled as u64;
        // Frames before this one were decoded as a whole.
        let before = if self.frames > 1 { u64::from(self.frame) - 1 } else { 0 };
        let frames = u64::from(self.frames).max(before + 1);
        corruption.after(before * pixels + decoded, frames * pixels)
    }

    /// Decodes pixels until the strip is full, or there are no more. Returns how many there are.
    fn fill_strip<R: BufRead>(&mut self, blocks: &mut Blocks<R>) -> Result<usize, Fault> {
        let source = blocks.source();
        let mut filled = 0;
        while filled < self.strip.len() {
            if self.block_left == 0 && !self.is_at_end {
                // At the end of the file, the codes may be complete without their last sub-block.
                self.block_left = read_byte(source).unwrap_or_default().into();
                self.is_at_end = self.block_left == 0;
            }
            let ready = if self.is_at_end { &[][..] } else { source.fill_buf().unwrap_or_default() };
            self.is_at_end |= ready.is_empty();
            let ready = &ready[..ready.len().min(self.block_left)];
            let decoded = self.codes.decode_bytes(ready, &mut self.strip[filled..]);
            source.consume(decoded.consumed_in);
            self.block_left -= decoded.consumed_in;
            filled += decoded.consumed_out;
            match decoded.status {
                Ok(LzwStatus::Ok) => {}
                Ok(LzwStatus::NoProgress) if !self.is_at_end => {}
                // After the end code, or an invalid code, there are no pixels.
                Ok(LzwStatus::NoProgress | LzwStatus::Done) | Err(_) => break,
            }
        }
        Ok(filled)
    }

    /// Reads the rest of the frame's last sub-block, so that the next block can be read.
    pub(in crate::decode) fn finish<R: BufRead>(self, blocks: &mut Blocks<R>) {
        let mut left = self.block_left;
        while left > 0 {
            let ready = blocks.source().fill_buf().unwrap_or_default().len().min(left);
            if ready == 0 {
                return;
            }
            blocks.source().consume(ready);
            left -= ready;
        }
        if self.is_at_end {
            blocks.close_frame();
        }
    }
}
