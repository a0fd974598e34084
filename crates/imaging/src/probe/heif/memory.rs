//! Estimates the memory that decoding a HEIF picture takes in addition to what is written row by row.

use std::ops::Range;

use super::codec::{Codec, CodecConfig, Layout};
use super::coded_spans::CodedSpans;
use super::description::{CodedImage, Description};
use crate::Size;

/// How much larger than its size a coded HEVC picture may be, on each axis: it consists of whole blocks.
pub(crate) const HEVC_MAX_PADDING: u32 = 128;

/// Bytes that a coded tile of this size can have. Pixels that no encoder can compress take at most half of it.
pub(crate) fn max_coded_bytes(tile: Size) -> u64 {
    const PARAMETERS: u64 = 64 * 1024;
    const PER_PIXEL: u64 = 16;
    PARAMETERS + PER_PIXEL * tile.pixels()
}

/// Bytes that the decoder holds at most: coded tiles, the decoder's own buffers, and decoded tiles.
pub(super) fn decoder_bytes(description: &Description, source_byte_len: u64) -> u64 {
    let images = || std::iter::once(&description.colours).chain(&description.alpha);
    let of_image = |image: &CodedImage| tile_bytes(&image.configs[0], image.tile) + band_bytes(image);
    CodedSpans::of(images()).max_held(source_byte_len) + images().map(of_image).sum::<u64>()
}

/// Bytes that the description itself takes.
pub(super) fn description_bytes(description: &Description) -> u64 {
    // Each extent also becomes a span. Lists that grow take up to three times their length.
    const EXTENT: u64 = 3 * (2 * size_of::<Range<u64>>() as u64 + 48);
    const TILE: u64 = 3 * 64;
    let images = std::iter::once(&description.colours).chain(&description.alpha);
    let of_image = |image: &CodedImage| {
        let configs: usize = image.configs.iter().map(|config| config.record.len()).sum();
        EXTENT * image.extents.len() as u64 + TILE * image.tiles.len() as u64 + configs as u64
    };
    // The profile is copied once.
    let profile = 2 * description.profile.as_ref().map_or(0, Vec::len) as u64;
    images.map(of_image).sum::<u64>() + profile
}

/// Bytes of the rows of decoded tiles. A single tile is read where its decoder left it.
fn band_bytes(image: &CodedImage) -> u64 {
    // While one plane is resized, the rows of the others wait, for up to a row of tiles.
    const BANDS: u64 = 2;
    if image.tiles.len() == 1 {
        return 0;
    }
    let samples = pixels(image.size.width.into(), image.tile.height.into());
    let sample_bytes = if image.bits() > 8 { 2 } else { 1 };
    BANDS * sample_bytes * samples_with_chroma(image.layout(), samples)
}

/// Bytes that decoding one tile takes, with the tile itself.
fn tile_bytes(config: &CodecConfig, tile: Size) -> u64 {
    match config.codec {
        Codec::Hevc => hevc_tile_bytes(config.layout, tile),
        Codec::Av1 => av1_tile_bytes(config, tile),
    }
}

/// Bytes that `heifer-hevc-dec` allocates: its planes of 16 bits, a copy of the luma plane for one of the filters, and
/// what it keeps of each block of 4×4 pixels.
fn hevc_tile_bytes(layout: Layout, tile: Size) -> u64 {
    const SAMPLE: u64 = 2;
    // 18 bytes for each block, and 68 for each tree of blocks, of which the smallest has 16×16 pixels.
    const BLOCKS_PER_16_PIXELS: u64 = 18 + 5;
    let side = |side: u32| u64::from(side) + u64::from(HEVC_MAX_PADDING);
    let pixels = pixels(side(tile.width), side(tile.height));
    SAMPLE * (samples_with_chroma(layout, pixels) + pixels) + pixels.div_ceil(16) * BLOCKS_PER_16_PIXELS
}

/// A bound of what libaom allocates: its frames, what it keeps of each block of 4×4 pixels, and a state for each of AV1's
/// own tiles. `tests/memory.rs` compares it with measured peaks.
fn av1_tile_bytes(config: &CodecConfig, tile: Size) -> u64 {
    // Frames have whole blocks of the largest size, and a border.
    const BLOCK_SIDE: u64 = 128;
    const BORDER: u64 = 2 * 64;
    // A frame, and a copy of it.
    const FRAMES: u64 = 2;
    // The description of a block, and the filters' work.
    const BLOCK_BYTES: u64 = 240;
    // An AV1 tile has at least 64×64 pixels. Its state takes memory, too.
    const SMALLEST_TILE: u64 = 64 * 64;
    const MOST_TILES: u64 = 64 * 64;
    const TILE_STATE: u64 = 24_000;
    // What does not grow with the picture.
    const DECODER: u64 = 6_000_000;

    let side = |side: u32| u64::from(side).next_multiple_of(BLOCK_SIDE);
    let bordered = pixels(side(tile.width) + BORDER, side(tile.height) + BORDER);
    let pixels = pixels(side(tile.width), side(tile.height));
    let sample_bytes = if config.bits > 8 { 2 } else { 1 };
    // libaom also allocates chroma for grey.
    let layout = if config.layout == Layout::Grey { Layout::Half } else { config.layout };
    let frame = sample_bytes * samples_with_chroma(layout, bordered);
    // Layers refer to each other.
    let frames = FRAMES + u64::from(config.max_frames) - 1;
    let tiles = (pixels / SMALLEST_TILE).min(MOST_TILES);
    DECODER + frames * frame + BLOCK_BYTES * pixels / 16 + TILE_STATE * tiles
}

/// Width × height. The sides may have any value, because limits are checked later: no more than 2⁴⁰ px are counted, so that
/// the bytes of all of them fit into a u64.
fn pixels(width: u64, height: u64) -> u64 {
    const MOST: u64 = 1 << 40;
    width.saturating_mul(height).min(MOST)
}

/// The samples of all planes, given those of luma.
fn samples_with_chroma(layout: Layout, luma: u64) -> u64 {
    match layout {
        Layout::Grey => luma,
        Layout::Half => luma + luma.div_ceil(2),
        Layout::HalfWidth => 2 * luma,
        Layout::Full => 3 * luma,
    }
}
