//! The samples of a row to pixels: any depth, with a palette, inverted, with alpha.

use crate::RenderError;
use crate::probe::{TiffAlpha, TiffColours, TiffLayout, TiffNumbers};
use crate::raster::{Channels, Depth, PixelFormat};

/// Makes pixels of stored samples.
pub(super) struct SampleReader {
    numbers: TiffNumbers,
    colours: TiffColours,
    alpha: TiffAlpha,
    bits: u8,
    /// Samples that are next to each other.
    samples_in_chunk: usize,
    tile: Option<TileRows>,
    /// RGB of each index.
    palette: Vec<[u8; 3]>,
    pixel_format: PixelFormat,
}

/// Rows of tiles are next to each other. The last one may be padded, and each begins with a new byte.
#[derive(Clone, Copy)]
struct TileRows {
    width: usize,
    row_len: usize,
}

impl SampleReader {
    pub(super) fn new(layout: &TiffLayout, file: &[u8]) -> Result<Self, RenderError> {
        let has_alpha = layout.alpha != TiffAlpha::None;
        let channels = match layout.colours {
            TiffColours::WhiteIsZero | TiffColours::BlackIsZero if has_alpha => Channels::GreyAlpha,
            TiffColours::WhiteIsZero | TiffColours::BlackIsZero => Channels::Grey,
            TiffColours::Rgb if has_alpha => Channels::Rgba,
            TiffColours::Rgb | TiffColours::Palette | TiffColours::Ycc => Channels::Rgb,
            TiffColours::Cmyk => Channels::Cmyk,
        };
        let is_deep = layout.bits > 8 && channels != Channels::Cmyk;
        let depth = if is_deep { Depth::Sixteen } else { Depth::Eight };
        let row_len = usize::try_from(layout.chunk_row_len()).map_err(RenderError::corrupt)?;
        let tile = layout.is_tiled.then_some(TileRows { width: layout.chunk.width as usize, row_len });
        Ok(SampleReader {
            numbers: layout.numbers,
            colours: layout.colours,
            alpha: layout.alpha,
            bits: layout.bits,
            samples_in_chunk: layout.samples_in_chunk().into(),
            tile,
            palette: if layout.colours == TiffColours::Palette { palette(layout, file)? } else { Vec::new() },
            pixel_format: PixelFormat { channels, depth },
        })
    }

    pub(super) fn pixel_format(&self) -> PixelFormat {
        self.pixel_format
    }

    /// Makes a row of pixels. Each plane has the stored bytes of the row.
    pub(super) fn read_row(&self, planes: &[Vec<u8>], out: &mut [u8]) {
        if self.colours == TiffColours::Palette {
            for (x, out) in out.as_chunks_mut().0.iter_mut().enumerate() {
                let index = usize::try_from(self.sample(planes, x, 0)).unwrap_or(0);
                *out = self.palette.get(index).copied().unwrap_or_default();
            }
            return;
        }
        let channels = self.pixel_format.channels.count();
        let sample_bytes = if self.pixel_format.depth == Depth::Sixteen { 2 } else { 1 };
        for (x, out) in out.chunks_exact_mut(channels * sample_bytes).enumerate() {
            let mut levels = [0; 4];
            for (channel, level) in levels[..channels].iter_mut().enumerate() {
                *level = self.level(self.sample(planes, x, channel));
            }
            self.finish_pixel(&mut levels[..channels]);
            match sample_bytes {
                1 => out.iter_mut().zip(levels).for_each(|(out, level)| *out = level.to_le_bytes()[0]),
                _ => out.as_chunks_mut().0.iter_mut().zip(levels).for_each(|(out, level)| {
                    let [low, high, ..] = level.to_le_bytes();
                    *out = u16::from_le_bytes([low, high]).to_ne_bytes();
                }),
            }
        }
    }

    /// Inverts grey, and divides colours by the alpha that they are multiplied by.
    fn finish_pixel(&self, levels: &mut [u32]) {
        let max = self.max_level();
        if self.colours == TiffColours::WhiteIsZero {
            levels[0] = max - levels[0];
        }
        if self.alpha == TiffAlpha::Associated
            && let [colours @ .., alpha] = levels
            && *alpha > 0
        {
            for colour in colours {
                *colour = ((*colour * max + *alpha / 2) / *alpha).min(max);
            }
        }
    }

    fn max_level(&self) -> u32 {
        if self.pixel_format.depth == Depth::Sixteen { u16::MAX.into() } else { u8::MAX.into() }
    }

    /// Scales a sample to 8 or 16 bits.
    fn level(&self, sample: u32) -> u32 {
        let max = self.max_level();
        match self.bits {
            8 | 16 if max == (1 << self.bits) - 1 => sample,
            32 if self.pixel_format.depth == Depth::Sixteen => sample >> 16,
            // Inks of 16 and 32 bits become 8.
            32 => sample >> 24,
            bits => {
                let stored_max = (1u64 << bits) - 1;
                let level = (u64::from(sample) * u64::from(max) + stored_max / 2) / stored_max;
                u32::try_from(level).unwrap_or(max)
            }
        }
    }

    /// A stored sample of a pixel.
    fn sample(&self, planes: &[Vec<u8>], x: usize, channel: usize) -> u32 {
        let (plane, channel) = if planes.len() > 1 { (&planes[channel], 0) } else { (&planes[0], channel) };
        let (start, x) = match self.tile {
            Some(TileRows { width, row_len }) => (x / width * row_len, x % width),
            None => (0, x),
        };
        let index = x * self.samples_in_chunk + channel;
        let bits = usize::from(self.bits);
        match bits {
            8 => plane[start + index].into(),
            16 | 32 => {
                let len = bits / 8;
                let bytes = &plane[start + index * len..][..len];
                u32::try_from(self.numbers.read(bytes)).unwrap_or(u32::MAX)
            }
            // Samples of other depths follow each other without padding, the highest bit first.
            _ => {
                let bit = index * bits;
                let bytes = &plane[start + bit / 8..=start + (bit + bits - 1) / 8];
                let window = bytes.iter().fold(0u32, |window, &byte| window << 8 | u32::from(byte));
                let unused = bytes.len() * 8 - bit % 8 - bits;
                window >> unused & ((1 << bits) - 1)
            }
        }
    }
}

/// The colours of the indices. They have 16 bits, but some writers wrote 8.
fn palette(layout: &TiffLayout, file: &[u8]) -> Result<Vec<[u8; 3]>, RenderError> {
    let missing = || RenderError::corrupt("its palette is missing or incomplete");
    let values = layout.palette.ok_or_else(missing)?;
    let colours = 1u64 << layout.bits;
    let level = |index| values.get(file, layout.numbers, index);
    let levels: Vec<u64> = (0..3 * colours).map(level).collect::<Option<_>>().ok_or_else(missing)?;
    let shift = if levels.iter().all(|&level| level < 256) { 0 } else { 8 };
    let count = usize::try_from(colours).map_err(RenderError::corrupt)?;
    let channel = |at: usize| (levels[at] >> shift).to_le_bytes()[0];
    Ok((0..count).map(|index| [0, 1, 2].map(|plane| channel(plane * count + index))).collect())
}
