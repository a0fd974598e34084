//! The stored pixels of a bitmap to colours.

use crate::probe::Dib;

/// Reads stored pixels of one kind.
pub(super) enum PixelReader {
    /// Indices of 1, 2, 4 or 8 bits.
    Indexed { bits: u8, colours: Vec<[u8; 3]> },
    /// Blue, green and red.
    Bytes,
    /// Numbers of 2 or 4 bytes, in which channels have bits.
    Masked { pixel_bytes: usize, channels: [Mask; 3], alpha: Option<Mask> },
}

impl PixelReader {
    pub(super) fn new(dib: &Dib, palette: &[u8]) -> Self {
        match dib.bits_per_pixel {
            bits @ 1..=8 => {
                let colour = |entry: &[u8]| [entry[2], entry[1], entry[0]];
                let mut colours: Vec<_> = palette.chunks_exact(dib.palette_entry_len).map(colour).collect();
                // Indices beyond the palette are black.
                colours.resize(256, [0; 3]);
                PixelReader::Indexed { bits: bits.to_le_bytes()[0], colours }
            }
            24 => PixelReader::Bytes,
            bits => {
                let [red, green, blue, alpha] = dib.masks;
                let alpha = (alpha > 0).then(|| Mask::new(alpha));
                let channels = [red, green, blue].map(Mask::new);
                PixelReader::Masked { pixel_bytes: usize::from(bits / 8), channels, alpha }
            }
        }
    }

    /// The colour of an index of the palette.
    pub(super) fn colour(&self, index: u8) -> [u8; 3] {
        match self {
            PixelReader::Indexed { colours, .. } => colours[usize::from(index)],
            _ => [0; 3],
        }
    }

    /// Reads a row into RGB pixels, or into RGBA pixels if there is alpha.
    pub(super) fn read_row(&self, stored: &[u8], out: &mut [u8]) {
        match self {
            PixelReader::Indexed { bits, colours } => {
                let bits = usize::from(*bits);
                for (at, out) in out.as_chunks_mut::<3>().0.iter_mut().enumerate() {
                    let bit = at * bits;
                    let index = stored[bit / 8] >> (8 - bits - bit % 8) & (u8::MAX >> (8 - bits));
                    *out = colours[usize::from(index)];
                }
            }
            PixelReader::Bytes => {
                for (out, &[b, g, r]) in out.as_chunks_mut().0.iter_mut().zip(stored.as_chunks().0) {
                    *out = [r, g, b];
                }
            }
            PixelReader::Masked { pixel_bytes, channels, alpha } => {
                let out_bytes = if alpha.is_some() { 4 } else { 3 };
                for (out, stored) in out.chunks_exact_mut(out_bytes).zip(stored.chunks_exact(*pixel_bytes)) {
                    let pixel = stored.iter().rev().fold(0, |number, &byte| number << 8 | u32::from(byte));
                    for (out, mask) in out.iter_mut().zip(channels.iter().chain(alpha)) {
                        *out = mask.level(pixel);
                    }
                }
            }
        }
    }
}

/// The bits of a channel.
#[derive(Clone, Copy)]
pub(super) struct Mask {
    mask: u32,
    shift: u32,
    bits: u32,
}

impl Mask {
    fn new(mask: u32) -> Self {
        Mask { mask, shift: mask.trailing_zeros().min(31), bits: mask.count_ones() }
    }

    /// The channel's level, scaled to 8 bits.
    fn level(self, pixel: u32) -> u8 {
        let level = (pixel & self.mask) >> self.shift;
        let level = match self.bits {
            0 => 0,
            bits @ 1..=8 => {
                let max = (1 << bits) - 1;
                (level * 255 + max / 2) / max
            }
            // The lowest bits are dropped, as in Chromium.
            bits => level >> (bits - 8),
        };
        level.to_le_bytes()[0]
    }
}
