//! What a codec of tiles does.

use crate::probe::heif::{CodecConfig, Layout, Nclx};
use crate::time_budget::TimeBudget;
use crate::{RenderError, Size};

/// Decodes the tiles of a picture, one after the other.
pub(super) trait TileDecoder {
    /// Decodes one tile.
    ///
    /// `size`, and the layout and the bits of `config`, are what the container states, and what the memory was estimated
    /// from. The decoder compares them with the coded pixels before it allocates.
    ///
    /// # Errors
    /// If the tile is damaged, or is another picture than the container states.
    fn decode(
        &mut self,
        config: &CodecConfig,
        coded: &[u8],
        size: Size,
        budget: &TimeBudget,
    ) -> Result<Box<dyn DecodedTile>, RenderError>;
}

/// The pixels of a tile, in the buffers of its decoder.
pub(super) trait DecodedTile {
    /// The size of the luma plane, which is at least the size that was asked for.
    fn size(&self) -> Size;

    fn layout(&self) -> Layout;

    /// Bits of a sample.
    fn bits(&self) -> u8;

    /// What the coded pixels say of their colours; `None` if nothing.
    fn code_points(&self) -> Option<Nclx>;

    /// The samples of a row: plane 0 is luma, 1 blue chroma, 2 red chroma. There may be more than the plane is wide.
    fn row(&self, plane: usize, row: u32) -> Samples<'_>;
}

/// Samples of a row.
pub(super) enum Samples<'t> {
    /// Samples of 8 bits.
    Narrow(&'t [u8]),
    /// Samples of 8 bits or more.
    Wide(&'t [u16]),
}

impl Samples<'_> {
    /// Writes as many samples as `out` holds.
    pub(super) fn write_f32(&self, out: &mut [f32]) {
        match self {
            Samples::Narrow(samples) => out.iter_mut().zip(*samples).for_each(|(out, &sample)| *out = sample.into()),
            Samples::Wide(samples) => out.iter_mut().zip(*samples).for_each(|(out, &sample)| *out = sample.into()),
        }
    }

    /// Writes as many samples as `out` holds.
    pub(super) fn write_u16(&self, out: &mut [u16]) {
        match self {
            Samples::Narrow(samples) => out.iter_mut().zip(*samples).for_each(|(out, &sample)| *out = sample.into()),
            Samples::Wide(samples) => out.iter_mut().zip(*samples).for_each(|(out, &sample)| *out = sample),
        }
    }

    /// Writes as many samples as `out` holds, each as the nearest of 8 bits.
    pub(super) fn write_u8(&self, bits: u8, is_full_range: bool, out: &mut [u8]) {
        match self {
            Samples::Narrow(samples) => out.iter_mut().zip(*samples).for_each(|(out, &sample)| *out = sample),
            Samples::Wide(samples) if bits <= 8 => {
                out.iter_mut().zip(*samples).for_each(|(out, &sample)| *out = sample.to_le_bytes()[0]);
            }
            Samples::Wide(samples) => narrow_samples(samples, bits, is_full_range, out),
        }
    }
}

/// Rounds samples of more than 8 bits to the nearest of 8 bits.
fn narrow_samples(wide: &[u16], bits: u8, is_full_range: bool, out: &mut [u8]) {
    let max = (1u32 << bits) - 1;
    for (&wide, out) in wide.iter().zip(out) {
        // In the limited range, 16 of 8 bits are 64 of 10 bits. In the full range, 255 are 1023.
        let nearest = if is_full_range {
            (u32::from(wide) * 255 + max / 2) / max
        } else {
            (u32::from(wide) + (1 << (bits - 9))) >> (bits - 8)
        };
        *out = nearest.min(255).to_le_bytes()[0];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_samples_become_the_nearest_of_8_bits() {
        let narrow = |wide: [u16; 4], bits, is_full_range| {
            let mut out = [0; 4];
            Samples::Wide(&wide).write_u8(bits, is_full_range, &mut out);
            out
        };
        assert_eq!(narrow([0, 2, 128, 255], 8, true), [0, 2, 128, 255]);
        assert_eq!(narrow([0, 2, 512, 1023], 10, true), [0, 0, 128, 255]);
        assert_eq!(narrow([64, 66, 512, 1023], 10, false), [16, 17, 128, 255]);
        assert_eq!(narrow([0, 256, 2048, 4095], 12, false), [0, 16, 128, 255]);
    }
}
