//! What libwebp allocates to decode a lossless stream (RFC 9649, 3), read from the stream's header.
//!
//! The pixels are a small part of it. A picture may name up to 65,536 groups of five prefix codes, and
//! libwebp allocates some 12 to 21 kB for each before it reads the first one. How many there are is
//! known behind the transforms, which are pictures themselves: so these are decoded here, and nothing
//! is kept of them.

mod bits;
mod image;
mod prefix_code;
#[cfg(test)]
pub(super) mod tests;

pub(super) use self::bits::Bits;
use self::image::{cache_bits, image, tiled_image};
use super::Stop;
use crate::{Rejection, Size};

/// Groups that a frame of an animation may have. libwebp's encoder writes 2,600 at the most
/// (`MAX_HUFF_IMAGE_SIZE`); frames beyond the bytes that were read are assumed to have as many.
pub(super) const MAX_FRAME_GROUPS: u32 = 2_600;

/// What decoding a stream takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Demand {
    /// All that libwebp allocates.
    pub(super) bytes: u64,
    /// Groups of prefix codes that it allocates.
    pub(super) groups: u32,
}

/// Bytes of a pixel, of any of the pictures in a stream.
const PIXEL_BYTES: u64 = 4;
/// Rows that are held beside the picture: 16 and the one above (`AllocateInternalBuffers32b`).
const CACHED_ROWS: u64 = 17;
/// `sizeof(HTreeGroup)`.
const GROUP_BYTES: u64 = 568;
/// An entry of a lookup table, and entries for a group without and with the colour cache of each size
/// (`kTableSize`).
const ENTRY_BYTES: u64 = 4;
const ENTRIES: u64 = 630 * 3 + 410;
const GREEN_ENTRIES: [u64; 12] = [654, 656, 658, 662, 670, 686, 718, 782, 912, 1168, 1680, 2704];
/// Up to this number, libwebp also allocates groups that no pixel refers to.
const UNMAPPED_GROUPS: u32 = 1000;

/// Reads as far as it takes to know the demand of a stream of `size` px.
///
/// # Errors
/// [`End`](Fault::End) where the bytes end before.
pub(super) fn demand(stream: &mut Bits<'_>, size: Size) -> Result<Demand, Fault> {
    let Size { mut width, height } = size;
    let (mut bytes, mut seen) = (CACHED_ROWS * PIXEL_BYTES * u64::from(width), 0u32);
    while stream.flag()? {
        let transform = stream.read(2)?;
        if seen & 1 << transform != 0 {
            return Err(Fault::Damaged);
        }
        seen |= 1 << transform;
        match transform {
            // A predictor, or the weights of colours, for each tile.
            0 | 1 => bytes += tiled_image(stream, Size::new(width, height), |_| {})?,
            // Pixels of a small palette are packed.
            3 => {
                let colours = stream.read(8)? + 1;
                image(stream, u64::from(colours), |_| {})?;
                let packed = [(2, 8), (4, 4), (16, 2)];
                let packed = packed.iter().find(|(most, _)| colours <= *most);
                width = width.div_ceil(packed.map_or(1, |(_, pixels)| *pixels));
            }
            // Green is subtracted: there is nothing to tell.
            _ => {}
        }
    }
    let packed = Size::new(width, height);
    bytes += PIXEL_BYTES * packed.pixels();
    let cache_bits = cache_bits(stream)?;
    let mut groups = 1;
    if stream.flag()? {
        let mut named = Named::default();
        bytes += tiled_image(stream, packed, |group| named.insert(group))?;
        groups = named.allocated(packed);
    }
    bytes += u64::from(groups) * bytes_of_group(cache_bits);
    Ok(Demand { bytes, groups })
}

/// The most that a stream of `size` px takes whose groups are within [`MAX_FRAME_GROUPS`].
pub(super) fn worst(size: Size) -> u64 {
    const TILED_IMAGES: u64 = 3;
    let tiles = u64::from(size.width.div_ceil(4)) * u64::from(size.height.div_ceil(4));
    let groups = size.pixels().min(UNMAPPED_GROUPS.into()).max(tiles).min(MAX_FRAME_GROUPS.into());
    PIXEL_BYTES * (size.pixels() + CACHED_ROWS * u64::from(size.width) + TILED_IMAGES * tiles)
        + groups * bytes_of_group(GREEN_ENTRIES.len() - 1)
}

fn bytes_of_group(cache_bits: usize) -> u64 {
    GROUP_BYTES + ENTRY_BYTES * (ENTRIES + GREEN_ENTRIES[cache_bits])
}

/// The groups that pixels name.
struct Named {
    is_named: Box<[bool; 1 << 16]>,
    highest: u32,
}

impl Default for Named {
    fn default() -> Self {
        // Pixels that repeat pixels before the first one are 0.
        let mut named = Named { is_named: Box::new([false; 1 << 16]), highest: 0 };
        named.insert(0);
        named
    }
}

impl Named {
    fn insert(&mut self, group: u16) {
        self.is_named[usize::from(group)] = true;
        self.highest = self.highest.max(group.into());
    }

    /// As many as libwebp allocates: all up to the highest, or where that is high, those alone that are
    /// named (`ReadHuffmanCodes`).
    fn allocated(&self, size: Size) -> u32 {
        let all = self.highest + 1;
        if all <= UNMAPPED_GROUPS && u64::from(all) <= size.pixels() {
            return all;
        }
        self.is_named.iter().map(|&is_named| u32::from(is_named)).sum()
    }
}

/// Why a demand is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The bytes end.
    End,
    /// libwebp refuses it, too.
    Damaged,
}

impl Fault {
    /// The result for a caller that has read `given` bytes of the file, whose stream ends at `stream_end`.
    pub(super) fn stop(self, given: u64, stream_end: u64) -> Stop {
        match self {
            Fault::End if given < stream_end => Stop::NeedMore { byte_len: given + 1 },
            Fault::End => Rejection::corrupt("its pixels end early").into(),
            Fault::Damaged => Rejection::corrupt("its codes make no sense").into(),
        }
    }
}
