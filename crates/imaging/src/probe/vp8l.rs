//! What libwebp allocates to decode a lossless stream (RFC 9649, 3), read from the stream's header.
//!
//! The pixels are a small part of it. A picture may name up to 65,536 groups of five prefix codes, and
//! libwebp allocates some 12 to 21 kB for each before it reads the first one. How many there are is
//! known behind the transforms, which are pictures themselves: so these are decoded here, and nothing
//! is kept of them.

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
/// Up to this number, libwebp allocates groups that no pixel names, too.
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
        // What is copied from pixels that are not there yet is 0.
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

/// Passes over a picture that has a pixel for each tile of another, and says what it takes.
fn tiled_image(stream: &mut Bits<'_>, size: Size, pixel: impl FnMut(u16)) -> Result<u64, Fault> {
    let side = 4 << stream.read(3)?;
    let tiles = u64::from(size.width.div_ceil(side)) * u64::from(size.height.div_ceil(side));
    image(stream, tiles, pixel)?;
    Ok(PIXEL_BYTES * tiles)
}

/// Passes over a picture that is part of the header, with one group of codes and no transforms. `pixel`
/// gets red and green of each that is spelled out; the others repeat them, or are 0.
fn image(stream: &mut Bits<'_>, pixels: u64, mut pixel: impl FnMut(u16)) -> Result<(), Fault> {
    let cached = match cache_bits(stream)? {
        0 => 0,
        bits => 1 << bits,
    };
    let mut code = |symbols| Code::read(stream, symbols);
    let green = code(LITERALS + LENGTHS + cached)?;
    let [red, blue, alpha] = [code(LITERALS)?, code(LITERALS)?, code(LITERALS)?];
    let distance = code(DISTANCES)?;
    let mut left = pixels;
    while left > 0 {
        let symbol = green.next(stream)?;
        if symbol < LITERALS {
            let red = red.next(stream)?;
            blue.next(stream)?;
            alpha.next(stream)?;
            pixel(u16::try_from(red << 8 | symbol).map_err(|_| Fault::Damaged)?);
            left -= 1;
        } else if symbol < LITERALS + LENGTHS {
            let length = prefixed(stream, symbol - LITERALS)?;
            let symbol = distance.next(stream)?;
            prefixed(stream, symbol)?;
            left = left.checked_sub(length).ok_or(Fault::Damaged)?;
        } else {
            left -= 1;
        }
    }
    Ok(())
}

const LITERALS: usize = 256;
const LENGTHS: usize = 24;
const DISTANCES: usize = 40;

/// The size of the colour cache in bits of its index, or 0 where there is none.
fn cache_bits(stream: &mut Bits<'_>) -> Result<usize, Fault> {
    if !stream.flag()? {
        return Ok(0);
    }
    let bits = stream.read(4)? as usize;
    if (1..GREEN_ENTRIES.len()).contains(&bits) { Ok(bits) } else { Err(Fault::Damaged) }
}

/// A length or a distance: a symbol for its size, and its lower bits.
fn prefixed(stream: &mut Bits<'_>, symbol: usize) -> Result<u64, Fault> {
    let symbol = u32::try_from(symbol).map_err(|_| Fault::Damaged)?;
    if symbol < 4 {
        return Ok(u64::from(symbol) + 1);
    }
    let extra = (symbol - 2) >> 1;
    let offset = (2 + (symbol & 1)) << extra;
    Ok(u64::from(offset) + u64::from(stream.read(extra)?) + 1)
}

/// A prefix code.
struct Code {
    /// Bits of its longest.
    longest: u32,
    /// For each `longest` next bits: the symbol, and how many of them are its.
    symbols: Vec<(u16, u8)>,
}

/// Of the code that code lengths are written in: more than 15 stands for a repetition.
const LENGTH_SYMBOLS: usize = 19;
const LENGTH_ORDER: [usize; LENGTH_SYMBOLS] =
    [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

impl Code {
    /// The next code of the stream, of as many symbols as that.
    fn read(stream: &mut Bits<'_>, symbols: usize) -> Result<Self, Fault> {
        let mut lengths = vec![0; symbols];
        if stream.flag()? {
            let has_two = stream.flag()?;
            let first_bits = if stream.flag()? { 8 } else { 1 };
            let mut set = |symbol: u32| {
                lengths.get_mut(symbol as usize).into_iter().for_each(|length| *length = 1);
            };
            set(stream.read(first_bits)?);
            if has_two {
                set(stream.read(8)?);
            }
            return Code::of(&lengths);
        }
        let mut of_lengths = [0; LENGTH_SYMBOLS];
        let count = stream.read(4)? as usize + 4;
        for &symbol in &LENGTH_ORDER[..count] {
            of_lengths[symbol] = stream.bits_u8(3)?;
        }
        let code = Code::of(&of_lengths)?;
        let mut codes_left = symbols;
        if stream.flag()? {
            let bits = 2 + 2 * stream.read(3)?;
            codes_left = 2 + stream.read(bits)? as usize;
            if codes_left > symbols {
                return Err(Fault::Damaged);
            }
        }
        let (mut at, mut last) = (0, 8);
        while at < symbols && codes_left > 0 {
            codes_left -= 1;
            let symbol = code.next(stream)?;
            let (length, times) = match symbol {
                0..16 => (u8::try_from(symbol).unwrap_or(0), 1),
                16 => (last, stream.read(2)? as usize + 3),
                17 => (0, stream.read(3)? as usize + 3),
                _ => (0, stream.read(7)? as usize + 11),
            };
            if length > 0 {
                last = length;
            }
            lengths.get_mut(at..at + times).ok_or(Fault::Damaged)?.fill(length);
            at += times;
        }
        Code::of(&lengths)
    }

    /// The code of symbols with these lengths, which uses all bits that there are. A symbol that is alone
    /// takes none.
    fn of(lengths: &[u8]) -> Result<Self, Fault> {
        let symbol = |at: usize| u16::try_from(at).map_err(|_| Fault::Damaged);
        let longest = u32::from(lengths.iter().copied().max().unwrap_or(0));
        let mut used = (0..lengths.len()).filter(|&at| lengths[at] > 0);
        match (used.next(), used.next()) {
            (None, _) => return Err(Fault::Damaged),
            (Some(alone), None) => {
                return Ok(Code { longest: 0, symbols: vec![(symbol(alone)?, 0)] });
            }
            _ => {}
        }
        let mut symbols = vec![(0, 0); 1 << longest];
        let mut code = 0u32;
        for length in 1..=u8::try_from(longest).map_err(|_| Fault::Damaged)? {
            let bits = u32::from(length);
            for at in (0..lengths.len()).filter(|&at| lengths[at] == length) {
                if code >> bits > 0 {
                    return Err(Fault::Damaged);
                }
                // Its first bit is the lowest.
                let first = code.reverse_bits() >> (32 - bits);
                for place in symbols.iter_mut().skip(first as usize).step_by(1 << bits) {
                    *place = (symbol(at)?, length);
                }
                code += 1;
            }
            code <<= 1;
        }
        if code == 2 << longest { Ok(Code { longest, symbols }) } else { Err(Fault::Damaged) }
    }

    /// The stream's next symbol.
    fn next(&self, stream: &mut Bits<'_>) -> Result<usize, Fault> {
        let (symbol, bits) = self.symbols[stream.peek(self.longest)];
        stream.take(bits.into())?;
        Ok(symbol.into())
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
    /// What that means to whoever has the `given` bytes of a file, up to `stream_end` of which are the
    /// stream's.
    pub(super) fn stop(self, given: u64, stream_end: u64) -> Stop {
        match self {
            Fault::End if given < stream_end => Stop::Short { byte_len: given + 1 },
            Fault::End => Rejection::corrupt("its pixels end early").into(),
            Fault::Damaged => Rejection::corrupt("its codes make no sense").into(),
        }
    }
}

/// Bits, the first of a byte its lowest.
pub(super) struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Bits<'a> {
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        // libwebp loads eight bytes at once, and takes those for zeros that are not there.
        Bits { bytes, at: 0, end: bytes.len().max(8) * 8 }
    }

    fn flag(&mut self) -> Result<bool, Fault> {
        Ok(self.read(1)? > 0)
    }

    /// Up to 32 bits.
    fn read(&mut self, count: u32) -> Result<u32, Fault> {
        let value = self.peek(count);
        self.take(count)?;
        u32::try_from(value).map_err(|_| Fault::Damaged)
    }

    fn bits_u8(&mut self, count: u32) -> Result<u8, Fault> {
        u8::try_from(self.read(count)?).map_err(|_| Fault::Damaged)
    }

    #[allow(clippy::cast_possible_truncation)] // up to 32 bits are left
    fn peek(&self, count: u32) -> usize {
        let ahead = self.bytes.get(self.at / 8..).unwrap_or_default();
        let word = match ahead.first_chunk() {
            Some(word) => u64::from_le_bytes(*word),
            None => ahead.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        ((word >> (self.at % 8)) & ((1 << count) - 1)) as usize
    }

    pub(super) fn take(&mut self, count: u32) -> Result<(), Fault> {
        self.at += count as usize;
        if self.at > self.end { Err(Fault::End) } else { Ok(()) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) mod tests {
    use super::*;
    use crate::{Encoding, chart};

    /// A VP8L chunk's bytes up to the codes of its pixels, each tile of 4×4 of another group, as far as
    /// there are so many.
    pub(in super::super) fn stream_of_groups(size: Size, groups: u16) -> Vec<u8> {
        let header =
            Writer::default().put(0x2F, 8).put(size.width - 1, 14).put(size.height - 1, 14);
        let tiles = size.pixels() / 16;
        let named: Vec<u16> =
            (0..tiles).map(|at| u16::try_from(at % u64::from(groups)).unwrap()).collect();
        header.put(0, 4).put(0, 2).put(1, 1).put(0, 3).groups(&named).bytes
    }

    const SIZE: Size = Size::new(64, 48);
    /// A group of codes without a colour cache.
    const GROUP: u64 = 568 + 4 * (630 * 3 + 410 + 654);

    /// Writes bits, the first of a byte its lowest.
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

        /// A code of one symbol, which takes no bits.
        fn alone(self, symbol: u32) -> Self {
            self.put(0b101, 3).put(symbol, 8)
        }

        /// A code of 256 symbols of eight bits.
        fn bytes(self) -> Self {
            // The code of lengths has one symbol, 8, which is the twelfth in order; then 2 + 254 lengths.
            let lengths = (0..12)
                .fold(self.put(0, 1).put(8, 4), |bits, place| bits.put(u32::from(place == 11), 3));
            lengths.put(1, 1).put(3, 3).put(254, 8)
        }

        /// A picture whose pixels are these groups, after the codes for it.
        fn groups(self, groups: &[u16]) -> Self {
            let codes = self.put(0, 1).bytes().bytes().alone(0).alone(0).alone(0);
            groups.iter().fold(codes, |bits, group| {
                let [red, green] = group.to_be_bytes().map(u8::reverse_bits).map(u32::from);
                bits.put(green, 8).put(red, 8)
            })
        }

        fn demand(&self, size: Size) -> Result<Demand, Fault> {
            demand(&mut Bits::of(&self.bytes), size)
        }
    }

    fn cached_rows(width: u64) -> u64 {
        17 * 4 * width
    }

    #[test]
    fn groups_are_counted_as_libwebp_allocates_them() {
        // 64×48 px in tiles of 16×16.
        let tiles =
            |groups: [u16; 12]| Writer::default().put(0, 2).put(1, 1).put(2, 3).groups(&groups);
        let one_each = std::array::from_fn(|at| u16::try_from(at).unwrap());
        let high = std::array::from_fn(|at| if at == 7 { 999 } else { 0 });
        let higher = std::array::from_fn(|at| if at == 7 { 1000 } else { 3 });
        for (groups, counted) in [
            ([0; 12], 1),
            (one_each, 12),
            // Those between that no pixel names are allocated, up to a thousand.
            (high, 1000),
            // 0 counts, though it may not be named.
            (higher, 3),
            ([0xFFFF; 12], 2),
        ] {
            let bytes = 4 * 64 * 48 + cached_rows(64) + 4 * 12 + u64::from(counted) * GROUP;
            let expected = Demand { bytes, groups: counted };
            assert_eq!(tiles(groups).demand(SIZE), Ok(expected), "{groups:?}");
        }
    }

    #[test]
    fn groups_stand_behind_the_transforms_and_the_colour_cache() {
        // A predictor in tiles of 4×4, green, a palette of two colours, a cache of 2,048.
        let predictor = Writer::default().put(0b001, 3).put(0, 3).groups(&[5; 16 * 12]);
        let palette = predictor.put(0b101, 3).put(0b111, 3).put(1, 8).groups(&[1, 2]);
        let stream =
            palette.put(0, 1).put(1, 1).put(11, 4).put(1, 1).put(0, 3).groups(&[1; 2 * 12]);
        let of_group = 568 + 4 * (630 * 3 + 410 + 2704);
        // Eight pixels are packed into one.
        let bytes = cached_rows(64) + 4 * 16 * 12 + 4 * 8 * 48 + 4 * 2 * 12 + 2 * of_group;
        assert_eq!(stream.demand(SIZE), Ok(Demand { bytes, groups: 2 }));
    }

    #[test]
    fn a_stream_that_is_cut_or_damaged_is_known() {
        let whole = Writer::default().put(0, 2).put(1, 1).put(2, 3).groups(&[7; 12]);
        for len in 0..whole.bytes.len() {
            // Of fewer than eight bytes, the rest is zeros: one group.
            let cut = demand(&mut Bits::of(&whole.bytes[..len]), SIZE);
            assert!(cut == Err(Fault::End) || len < 8, "{len}: {cut:?}");
        }
        let twice = Writer::default().put(0b101, 3).put(0b101, 3);
        let cache_of_12_bits = Writer::default().put(0, 1).put(1, 1).put(12, 4).put(0, 32);
        let lone_lengths =
            Writer::default().put(0, 2).put(1, 1).put(2, 3).put(0, 1).put(0, 32).put(0, 32);
        for damaged in [twice, cache_of_12_bits, lone_lengths] {
            assert_eq!(damaged.demand(SIZE), Err(Fault::Damaged));
        }
    }

    #[test]
    fn what_libwebp_writes_has_few_groups_and_no_more_than_the_worst() {
        for side in [1, 7, 300, 1500] {
            let size = Size::new(side, side);
            let webp = chart::encoded(size, Encoding::WebpLossless);
            let mut stream = Bits::of(&webp[20..]);
            stream.take(40).unwrap();
            let Demand { bytes, groups } = demand(&mut stream, size).unwrap();
            assert!(
                groups <= MAX_FRAME_GROUPS && bytes <= worst(size),
                "{size}: {groups}, {bytes}"
            );
        }
    }
}
