//! How much memory libwebp allocates to decode a lossless stream (RFC 9649, section 3), read from the stream's header.
//!
//! The pixels are a small part of it. A picture may name up to 65,536 groups of five prefix codes, and libwebp allocates
//! some 12 to 21 kB for each group before it decodes the first pixel. The number of groups is stored after the
//! transforms, which are images themselves, so these are decoded here.

mod bit_reader;
mod image;
mod prefix_code;
mod stream_error;
#[cfg(test)]
pub(super) mod tests;

pub(super) use self::bit_reader::BitReader;
use self::image::{MAX_CACHE_BITS, cache_bits, image, tile_image};
use self::stream_error::StreamError;
use crate::Size;

/// Limit on the groups of a frame of an animation. Frames beyond the bytes that were read are assumed to have as many.
// libwebp's encoder writes at most 2,600 (`MAX_HUFF_IMAGE_SIZE`).
pub(super) const MAX_FRAME_GROUPS: u32 = 2_600;

/// The memory that libwebp allocates to decode a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DecoderMemory {
    /// All bytes.
    pub(super) bytes: u64,
    /// Groups of prefix codes.
    pub(super) groups: u32,
}

/// Bytes per pixel of every image in a stream.
const PIXEL_BYTES: u64 = 4;
/// Rows that are held in addition to the picture: 16 and the one above (`AllocateInternalBuffers32b`).
const CACHED_ROWS: u64 = 17;
/// `sizeof(HTreeGroup)`.
const GROUP_BYTES: u64 = 568;
/// Bytes of an entry of a lookup table.
const ENTRY_BYTES: u64 = 4;
/// Entries of a group for red, blue, alpha and distance (`kTableSize`).
const ENTRIES: u64 = 630 * 3 + 410;
/// Entries of a group for green, by the size of the colour cache in bits (`kTableSize`).
const GREEN_ENTRIES: [u64; MAX_CACHE_BITS + 1] = [654, 656, 658, 662, 670, 686, 718, 782, 912, 1168, 1680, 2704];
/// Up to this number, libwebp also allocates groups that no pixel refers to.
const MAX_UNUSED_GROUPS: u32 = 1000;

/// Reads a stream of `size` px up to the number of its code groups.
///
/// # Errors
/// [`StreamError::End`] if the bytes end before.
pub(super) fn decoder_memory(stream: &mut BitReader<'_>, size: Size) -> Result<DecoderMemory, StreamError> {
    let Size { mut width, height } = size;
    let (mut bytes, mut seen) = (CACHED_ROWS * PIXEL_BYTES * u64::from(width), 0u32);
    while stream.flag()? {
        let transform = stream.read(2)?;
        if seen & 1 << transform != 0 {
            return Err(StreamError::Invalid);
        }
        seen |= 1 << transform;
        match transform {
            // A predictor, or the weights of a colour transform, for each tile.
            0 | 1 => bytes += PIXEL_BYTES * tile_image(stream, Size::new(width, height), |_| {})?,
            // Pixels of a small palette are packed.
            3 => {
                let colours = stream.read(8)? + 1;
                image(stream, u64::from(colours), |_| {})?;
                let packed = [(2, 8), (4, 4), (16, 2)];
                let packed = packed.iter().find(|(most, _)| colours <= *most);
                width = width.div_ceil(packed.map_or(1, |(_, pixels)| *pixels));
            }
            // The transform that subtracts green has no parameters.
            _ => {}
        }
    }
    let packed = Size::new(width, height);
    bytes += PIXEL_BYTES * packed.pixels();
    let cache_bits = cache_bits(stream)?;
    let mut groups = 1;
    if stream.flag()? {
        let mut used = UsedGroups::default();
        bytes += PIXEL_BYTES * tile_image(stream, packed, |group| used.insert(group))?;
        groups = used.allocated(packed);
    }
    bytes += u64::from(groups) * group_bytes(cache_bits);
    Ok(DecoderMemory { bytes, groups })
}

/// Bytes that a stream of `size` px takes at most, if it has no more groups than [`MAX_FRAME_GROUPS`].
pub(super) fn max_decoder_bytes(size: Size) -> u64 {
    // Predictors, colour transforms and groups. The smallest tile is 4 × 4 px.
    const TILE_IMAGES: u64 = 3;
    let tiles = u64::from(size.width.div_ceil(4)) * u64::from(size.height.div_ceil(4));
    let groups = size.pixels().min(MAX_UNUSED_GROUPS.into()).max(tiles).min(MAX_FRAME_GROUPS.into());
    PIXEL_BYTES * (size.pixels() + CACHED_ROWS * u64::from(size.width) + TILE_IMAGES * tiles)
        + groups * group_bytes(MAX_CACHE_BITS)
}

fn group_bytes(cache_bits: usize) -> u64 {
    GROUP_BYTES + ENTRY_BYTES * (ENTRIES + GREEN_ENTRIES[cache_bits])
}

/// The groups that pixels refer to.
struct UsedGroups {
    is_used: Box<[bool; 1 << 16]>,
    highest: u32,
}

impl Default for UsedGroups {
    fn default() -> Self {
        // Pixels that repeat pixels before the first one are 0.
        let mut used = UsedGroups { is_used: Box::new([false; 1 << 16]), highest: 0 };
        used.insert(0);
        used
    }
}

impl UsedGroups {
    fn insert(&mut self, group: u16) {
        self.is_used[usize::from(group)] = true;
        self.highest = self.highest.max(group.into());
    }

    /// The number that libwebp allocates: all groups up to the highest, or only the used ones if the highest is large
    /// (`ReadHuffmanCodes`).
    fn allocated(&self, size: Size) -> u32 {
        let all = self.highest + 1;
        if all <= MAX_UNUSED_GROUPS && u64::from(all) <= size.pixels() {
            return all;
        }
        self.is_used.iter().map(|&is_used| u32::from(is_used)).sum()
    }
}
