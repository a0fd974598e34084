//! The pixels of a GIF's frame: colour indices, compressed by LZW in sub-blocks, row by row.

use std::io::BufRead;

use weezl::{BitOrder, LzwStatus, decode};

use super::blocks::{Blocks, Fault, read_byte};
use crate::Size;

/// Reads the rows of a frame in the order in which they are stored. They are decoded in strips.
pub(in crate::decode) struct FramePixels {
    codes: decode::Decoder,
    /// Bytes of the sub-block that were not decoded yet.
    block_left: usize,
    /// Whether the last sub-block was read, or the file has ended.
    is_at_end: bool,
    size: Size,
    /// Rows that were not decoded yet.
    rows_left: u32,
    /// Decoded rows. The bytes from `at` on are the next ones to read.
    strip: Vec<u8>,
    at: usize,
}

/// Pixels that are decoded at a time. A call of the decoder costs more than a short row.
const STRIP_PIXELS: u32 = 64 * 1024;

impl FramePixels {
    pub(super) fn new(code_size: u8, size: Size) -> Result<Self, Fault> {
        // The standard allows 2 to 8. A picture of two colours may have 1.
        if !(1..=8).contains(&code_size) {
            return Err(Fault(format!("its pixels have a code size of {code_size}, which must be 1 to 8")));
        }
        let codes = decode::Configuration::new(BitOrder::Lsb, code_size).with_yield_on_full_buffer(true).build();
        let rows_left = if size.width == 0 { 0 } else { size.height };
        Ok(FramePixels { codes, block_left: 0, is_at_end: false, size, rows_left, strip: Vec::new(), at: 0 })
    }

    /// The next row of colour indices, which must not be beyond the last one.
    pub(in crate::decode) fn next_row<R: BufRead>(&mut self, blocks: &mut Blocks<R>) -> Result<&[u8], Fault> {
        let width = self.size.width as usize;
        if self.at == self.strip.len() && width > 0 {
            let rows = self.rows_left.min(STRIP_PIXELS.div_ceil(self.size.width));
            self.strip.resize(rows as usize * width, 0);
            self.at = 0;
            let filled = self.fill_strip(blocks)?;
            if filled < self.strip.len() {
                let row = self.size.height - self.rows_left + u32::try_from(filled / width).unwrap_or(u32::MAX);
                let (frame, height) = (blocks.frame_number(), self.size.height);
                return Err(Fault(format!("frame {frame} ends in row {} of {height}", row + 1)));
            }
            self.rows_left -= rows;
        }
        self.at += width;
        Ok(&self.strip[self.at - width..self.at])
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
