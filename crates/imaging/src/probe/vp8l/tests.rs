#![allow(clippy::unwrap_used)]

use super::*;
use crate::{Encoding, chart};

/// The body of a VP8L chunk up to the codes of its pixels. Each tile of 4×4 px uses another group, until all groups are
/// used.
pub(in super::super) fn stream_of_groups(size: Size, groups: u16) -> Vec<u8> {
    let header = Writer::default().put(0x2F, 8).put(size.width - 1, 14).put(size.height - 1, 14);
    let tiles = size.pixels() / 16;
    let named: Vec<u16> = (0..tiles).map(|at| u16::try_from(at % u64::from(groups)).unwrap()).collect();
    header.put(0, 4).put(0, 2).put(1, 1).put(0, 3).groups(&named).bytes
}

const SIZE: Size = Size::new(64, 48);
/// A group of codes without a colour cache.
const GROUP: u64 = 568 + 4 * (630 * 3 + 410 + 654);

/// Writes bits. The first bit of a byte is its lowest.
#[derive(Default)]
struct Writer {
    bytes: Vec<u8>,
    count: usize,
}

impl Writer {
    fn put(mut self, value: u32, count: u32) -> Self {
        for bit in 0..count {
            if self.count.is_multiple_of(8) {
                self.bytes.push(0);
            }
            let bit = u8::try_from(value >> bit & 1).unwrap();
            *self.bytes.last_mut().unwrap() |= bit << (self.count % 8);
            self.count += 1;
        }
        self
    }

    /// A code of one symbol. The symbol takes no bits.
    fn single(self, symbol: u32) -> Self {
        self.put(0b101, 3).put(symbol, 8)
    }

    /// A code of 256 symbols of eight bits.
    fn bytes(self) -> Self {
        // The code of lengths has one symbol, 8, which is the twelfth in order. 2 + 254 lengths follow.
        let lengths = (0..12).fold(self.put(0, 1).put(8, 4), |bits, place| bits.put(u32::from(place == 11), 3));
        lengths.put(1, 1).put(3, 3).put(254, 8)
    }

    /// An image whose pixels are these groups, with the codes for it.
    fn groups(self, groups: &[u16]) -> Self {
        let codes = self.put(0, 1).bytes().bytes().single(0).single(0).single(0);
        groups.iter().fold(codes, |bits, group| {
            let [red, green] = group.to_be_bytes().map(u8::reverse_bits).map(u32::from);
            bits.put(green, 8).put(red, 8)
        })
    }

    fn decoder_memory(&self, size: Size) -> Result<DecoderMemory, StreamError> {
        decoder_memory(&mut BitReader::new(&self.bytes), size)
    }
}

fn cached_rows(width: u64) -> u64 {
    17 * 4 * width
}

#[test]
fn groups_are_counted_as_libwebp_allocates_them() {
    // 64×48 px in tiles of 16×16.
    let tiles = |groups: [u16; 12]| Writer::default().put(0, 2).put(1, 1).put(2, 3).groups(&groups);
    let one_each = std::array::from_fn(|at| u16::try_from(at).unwrap());
    let high = std::array::from_fn(|at| if at == 7 { 999 } else { 0 });
    let higher = std::array::from_fn(|at| if at == 7 { 1000 } else { 3 });
    for (groups, counted) in [
        ([0; 12], 1),
        (one_each, 12),
        // Unused groups below the highest are allocated, up to a thousand.
        (high, 1000),
        // Group 0 counts even if no pixel refers to it.
        (higher, 3),
        ([0xFFFF; 12], 2),
    ] {
        let bytes = 4 * 64 * 48 + cached_rows(64) + 4 * 12 + u64::from(counted) * GROUP;
        let expected = DecoderMemory { bytes, groups: counted };
        assert_eq!(tiles(groups).decoder_memory(SIZE), Ok(expected), "{groups:?}");
    }
}

#[test]
fn groups_are_read_after_the_transforms_and_the_colour_cache() {
    // A predictor in tiles of 4×4 px, subtracted green, a palette of two colours, a colour cache of 2,048 entries.
    let predictor = Writer::default().put(0b001, 3).put(0, 3).groups(&[5; 16 * 12]);
    let palette = predictor.put(0b101, 3).put(0b111, 3).put(1, 8).groups(&[1, 2]);
    let stream = palette.put(0, 1).put(1, 1).put(11, 4).put(1, 1).put(0, 3).groups(&[1; 2 * 12]);
    let of_group = 568 + 4 * (630 * 3 + 410 + 2704);
    // The palette packs eight pixels into one.
    let bytes = cached_rows(64) + 4 * 16 * 12 + 4 * 8 * 48 + 4 * 2 * 12 + 2 * of_group;
    assert_eq!(stream.decoder_memory(SIZE), Ok(DecoderMemory { bytes, groups: 2 }));
}

#[test]
fn a_truncated_stream_and_an_invalid_one_give_different_errors() {
    let whole = Writer::default().put(0, 2).put(1, 1).put(2, 3).groups(&[7; 12]);
    for len in 0..whole.bytes.len() {
        // Missing bytes of the first eight are zeros, which stand for one group.
        let cut = decoder_memory(&mut BitReader::new(&whole.bytes[..len]), SIZE);
        assert!(cut == Err(StreamError::End) || len < 8, "{len}: {cut:?}");
    }
    let twice = Writer::default().put(0b101, 3).put(0b101, 3);
    let cache_of_12_bits = Writer::default().put(0, 1).put(1, 1).put(12, 4).put(0, 32);
    let lone_lengths = Writer::default().put(0, 2).put(1, 1).put(2, 3).put(0, 1).put(0, 32).put(0, 32);
    for damaged in [twice, cache_of_12_bits, lone_lengths] {
        assert_eq!(damaged.decoder_memory(SIZE), Err(StreamError::Invalid));
    }
}

#[test]
fn what_libwebp_writes_is_within_the_limits() {
    for side in [1, 7, 300, 1500] {
        let size = Size::new(side, side);
        let webp = chart::encoded(size, Encoding::WebpLossless);
        let mut stream = BitReader::new(&webp[20..]);
        stream.skip(40).unwrap();
        let DecoderMemory { bytes, groups } = decoder_memory(&mut stream, size).unwrap();
        assert!(groups <= MAX_FRAME_GROUPS && bytes <= max_decoder_bytes(size), "{size}: {groups}, {bytes}");
    }
}
