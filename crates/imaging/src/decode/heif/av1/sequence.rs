//! The sequence header of AV1 data (AV1 specification, section 5.5): what all frames have in common.

use crate::Size;
use crate::probe::heif::{Layout, Nclx};

/// The parts of a sequence header that decide memory, colours and layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sequence {
    /// No frame is wider or higher.
    pub(super) max_size: Size,
    /// 8, 10 or 12.
    pub(super) bits: u8,
    pub(super) layout: Layout,
    /// 2 stands for unknown.
    pub(super) code_points: Nclx,
    /// The highest spatial layer of each operating point.
    pub(super) max_spatial_ids: [u32; 32],
}

impl Sequence {
    /// Reads the content of a sequence header. `None` if it is cut.
    pub(super) fn parse(content: &[u8]) -> Option<Self> {
        let mut bits = Bits { bytes: content, at: 0 };
        let profile = bits.read(3)?;
        let _is_still = bits.flag()?;
        let is_reduced = bits.flag()?;
        let mut max_spatial_ids = [0; 32];
        if is_reduced {
            bits.read(5)?; // level
        } else {
            read_operating_points(&mut bits, &mut max_spatial_ids)?;
        }
        let (width_bits, height_bits) = (bits.read(4)? + 1, bits.read(4)? + 1);
        let max_size = Size::new(bits.read(width_bits)? + 1, bits.read(height_bits)? + 1);
        if !is_reduced && bits.flag()? {
            bits.read(4 + 3)?; // lengths of frame ids
        }
        bits.read(3)?; // size of blocks, intra filter, intra edge filter
        if !is_reduced {
            read_tools(&mut bits)?;
        }
        bits.read(3)?; // super-resolution, CDEF, loop restoration
        let (bits, layout, code_points) = read_colours(&mut bits, profile)?;
        Some(Sequence { max_size, bits, layout, code_points, max_spatial_ids })
    }
}

fn read_operating_points(bits: &mut Bits<'_>, max_spatial_ids: &mut [u32; 32]) -> Option<()> {
    let mut delay_bits = None;
    if bits.flag()? {
        bits.read(32)?; // units in a tick
        bits.read(32)?; // ticks in a second
        if bits.flag()? {
            bits.skip_variable_length()?; // ticks of a picture
        }
        if bits.flag()? {
            delay_bits = Some(bits.read(5)? + 1);
            bits.read(32)?; // units in a tick of the decoder
            bits.read(5 + 5)?; // lengths of times
        }
    }
    let has_display_delays = bits.flag()?;
    let count = bits.read(5)? + 1;
    for max_spatial_id in max_spatial_ids.iter_mut().take(count as usize) {
        let layers = bits.read(12)?;
        // The upper four bits are the spatial layers.
        *max_spatial_id = (layers >> 8).checked_ilog2().unwrap_or(0);
        if bits.read(5)? > 7 {
            bits.read(1)?; // tier
        }
        if let Some(delay_bits) = delay_bits
            && bits.flag()?
        {
            bits.read(delay_bits)?;
            bits.read(delay_bits)?;
            bits.read(1)?; // low delay
        }
        if has_display_delays && bits.flag()? {
            bits.read(4)?;
        }
    }
    Some(())
}

/// The tools that a reduced header leaves out.
fn read_tools(bits: &mut Bits<'_>) -> Option<()> {
    bits.read(4)?; // inter-intra, masked compound, warped motion, dual filter
    let has_order_hints = bits.flag()?;
    if has_order_hints {
        bits.read(2)?; // joint compound, motion vectors of references
    }
    // Each of the two tools is chosen per frame, or here.
    let screen_content = if bits.flag()? { 2 } else { bits.read(1)? };
    if screen_content > 0 && !bits.flag()? {
        bits.read(1)?; // whether motion vectors are whole numbers
    }
    if has_order_hints {
        bits.read(3)?; // length of order hints
    }
    Some(())
}

/// Bits per sample, layout of chroma, and code points (section 5.5.2).
fn read_colours(bits: &mut Bits<'_>, profile: u32) -> Option<(u8, Layout, Nclx)> {
    const UNKNOWN: u16 = 2;
    const SRGB_AS_GBR: (u16, u16, u16) = (1, 13, 0);
    let sample_bits = match (bits.flag()?, profile) {
        (false, _) => 8,
        (true, 2) if bits.flag()? => 12,
        (true, _) => 10,
    };
    let is_grey = profile != 1 && bits.flag()?;
    let (primaries, transfer, matrix) = if bits.flag()? {
        let mut code = || u16::try_from(bits.read(8)?).ok();
        (code()?, code()?, code()?)
    } else {
        (UNKNOWN, UNKNOWN, UNKNOWN)
    };
    let is_gbr = !is_grey && (primaries, transfer, matrix) == SRGB_AS_GBR;
    let is_full_range = is_gbr || bits.flag()?;
    let layout = match profile {
        _ if is_grey => Layout::Grey,
        _ if is_gbr => Layout::Full,
        0 => Layout::Half,
        1 => Layout::Full,
        _ if sample_bits < 12 => Layout::HalfWidth,
        _ if !bits.flag()? => Layout::Full,
        _ if bits.flag()? => Layout::Half,
        _ => Layout::HalfWidth,
    };
    Some((sample_bits, layout, Nclx { primaries, transfer, matrix, is_full_range }))
}

/// Reads numbers of any length, the highest bit first.
struct Bits<'a> {
    bytes: &'a [u8],
    /// Bits that were read.
    at: usize,
}

impl Bits<'_> {
    /// A number of at most 32 bits.
    fn read(&mut self, len: u32) -> Option<u32> {
        let mut number = 0;
        for _ in 0..len {
            let byte = self.bytes.get(self.at / 8)?;
            number = number << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(number)
    }

    fn flag(&mut self) -> Option<bool> {
        self.read(1).map(|bit| bit > 0)
    }

    /// A number whose length stands before it, as zeros (section 4.10.3).
    fn skip_variable_length(&mut self) -> Option<()> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
        }
        if zeros < 32 { self.read(zeros).map(|_| ()) } else { Some(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reduced_header_says_size_bits_layout_and_colours() {
        // Of a picture of 63×47 px, 10 bits, 4:2:0, BT.709 with the matrix of BT.601 in the range of video.
        let bits = concat!(
            "000", "1", "1", "00000", // profile, still, reduced, level
            "0101", "0101", "111110", "101110", // 6 bits each: 63, 47
            "000", "000", // tools
            "1", "0", "1", "00000001", "00001101", "00000110", "0",
            "00", // 10 bits, colour, code points, range, chroma's place
        );
        let bytes: Vec<u8> = bits
            .as_bytes()
            .chunks(8)
            .map(|byte| byte.iter().enumerate().fold(0, |sum, (at, &bit)| sum | (bit - b'0') << (7 - at)))
            .collect();
        let code_points = Nclx { primaries: 1, transfer: 13, matrix: 6, is_full_range: false };
        let max_spatial_ids = [0; 32];
        let expected =
            Sequence { max_size: Size::new(63, 47), bits: 10, layout: Layout::Half, code_points, max_spatial_ids };
        assert_eq!(Sequence::parse(&bytes), Some(expected));
        for len in 0..bytes.len() - 1 {
            assert_eq!(Sequence::parse(&bytes[..len]), None, "{len} bytes");
        }
    }
}
