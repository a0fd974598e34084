//! Huffman codes (T.81, annex F.2.2), decoded by table lookups.
//!
//! Most of the time of a JPEG goes into its codes. They are decoded one after the other, since each begins where the
//! one before ends. So one lookup covers more bits than a single code: [`HuffmanTable`] returns a code together with
//! its value, and [`SkipTable`] skips as many whole codes as fit.

use crate::block::{Block, ZIGZAG};
use crate::entropy::BitReader;

/// A Huffman code as a file describes it.
#[derive(Clone)]
pub(crate) struct HuffmanDefinition {
    /// The number of codes of each length, 1 to 16 bits.
    pub(crate) counts: [u8; 16],
    /// The symbols, by length of their codes.
    pub(crate) symbols: Vec<u8>,
}

/// A table for a code whose symbols are each followed by a value. The low half of a symbol is the number of bits of its
/// value; the high half is the number of zero coefficients before it.
pub(crate) struct HuffmanTable {
    /// What the next [`LOOKUP_BITS`] bits begin with.
    lookup: Box<[Entry; 1 << LOOKUP_BITS]>,
    /// By length, the first code that is longer, shifted to 16 bits.
    limits: [usize; 17],
    /// By length, the index of its first symbol minus its first code.
    offsets: [isize; 17],
    symbols: Vec<u8>,
}

/// Bits that one lookup covers.
// With 11, a table takes 8 kB. A component's two tables and its `SkipTable` take 32 kB, the size of a first-level data
// cache.
const LOOKUP_BITS: u32 = 11;

/// A code with its value if both fit into [`LOOKUP_BITS`], or a code alone.
#[derive(Clone, Copy, Default)]
struct Entry {
    /// 0 if there is no value, or if it does not fit.
    value: i16,
    /// Bits of the code, and of the value if there is one; 0 if the code does not fit.
    len: u8,
    symbol: u8,
}

impl HuffmanTable {
    /// `None` if this is not a prefix code, or if one of its codes has all bits set, which the standard forbids.
    pub(crate) fn new(code: &HuffmanDefinition) -> Option<Self> {
        let mut table = HuffmanTable {
            lookup: Box::new([Entry::default(); 1 << LOOKUP_BITS]),
            limits: [0; 17],
            offsets: [0; 17],
            symbols: code.symbols.clone(),
        };
        let (mut next_code, mut index) = (0usize, 0usize);
        for (len, &count) in (1..=16u32).zip(&code.counts) {
            table.offsets[len as usize] = index.cast_signed() - next_code.cast_signed();
            // There are more codes than this length has, or one has all bits set.
            if count > 0 && next_code + usize::from(count) >= 1 << len {
                return None;
            }
            for _ in 0..count {
                let &symbol = code.symbols.get(index)?;
                if len <= LOOKUP_BITS {
                    table.add_to_lookup(next_code, len, symbol);
                }
                (next_code, index) = (next_code + 1, index + 1);
            }
            table.limits[len as usize] = next_code << (16 - len);
            next_code <<= 1;
        }
        Some(table)
    }

    /// Fills the entries that begin with this code.
    #[allow(clippy::cast_possible_truncation)] // at most LOOKUP_BITS
    fn add_to_lookup(&mut self, code: usize, len: u32, symbol: u8) {
        let rest = LOOKUP_BITS - len;
        let size = u32::from(symbol & 0xF);
        let entries = &mut self.lookup[code << rest..(code + 1) << rest];
        for (bits_after, entry) in entries.iter_mut().enumerate() {
            *entry = if size > 0 && size <= rest {
                let value = extend(bits_after >> (rest - size), size);
                Entry { value, len: (len + size) as u8, symbol }
            } else {
                Entry { value: 0, len: len as u8, symbol }
            };
        }
    }

    /// Whether every symbol is the size of a DC difference.
    pub(crate) fn is_for_dc(&self) -> bool {
        self.symbols.iter().all(|&symbol| symbol <= 15)
    }

    /// Decodes the difference of a block's DC from that of the block before.
    #[inline(always)]
    pub(crate) fn read_dc_difference(&self, bits: &mut BitReader<'_>) -> i16 {
        bits.refill();
        let entry = self.lookup[bits.peek(LOOKUP_BITS)];
        if entry.value != 0 {
            bits.consume(entry.len.into());
            return entry.value;
        }
        let size = self.read_symbol(entry, bits);
        if size == 0 { 0 } else { read_value(bits, size) }
    }

    /// Decodes a block's AC coefficients up to the index `last` in zigzag order, or a few more. Returns the index of
    /// the last one that was decoded, or [`BLOCK_LEN`] if the block is complete.
    #[inline(always)]
    pub(crate) fn read_coefficients(&self, bits: &mut BitReader<'_>, last: usize, block: &mut Block) -> usize {
        let mut index = 0;
        while index < last {
            bits.refill();
            let entry = self.lookup[bits.peek(LOOKUP_BITS)];
            let value = if entry.value != 0 {
                bits.consume(entry.len.into());
                index += 1 + usize::from(entry.symbol >> 4);
                entry.value
            } else {
                match self.read_symbol(entry, bits) {
                    SIXTEEN_ZEROS => {
                        index += 16;
                        continue;
                    }
                    symbol if symbol & 0xF == 0 => return BLOCK_LEN,
                    symbol => {
                        index += 1 + usize::from(symbol >> 4);
                        read_value(bits, symbol & 0xF)
                    }
                }
            };
            // Zeros beyond the block's end are an error of the file. Like libjpeg, take the value for the last
            // coefficient.
            block.0[usize::from(ZIGZAG[index.min(BLOCK_LEN - 1)])] = value;
        }
        index
    }

    /// Skips one coefficient, with the zeros before it. Returns its index, or [`BLOCK_LEN`] if the block is complete.
    #[inline(always)]
    fn skip_coefficient(&self, bits: &mut BitReader<'_>, index: usize) -> usize {
        bits.refill();
        let entry = self.lookup[bits.peek(LOOKUP_BITS)];
        if entry.value != 0 {
            bits.consume(entry.len.into());
            return index + 1 + usize::from(entry.symbol >> 4);
        }
        match self.read_symbol(entry, bits) {
            SIXTEEN_ZEROS => index + 16,
            symbol if symbol & 0xF == 0 => BLOCK_LEN,
            symbol => {
                bits.consume((symbol & 0xF).into());
                index + 1 + usize::from(symbol >> 4)
            }
        }
    }

    /// Consumes the code whose entry has no value. An unknown code is [noted](BitReader::note_unknown_code).
    #[inline(always)]
    fn read_symbol(&self, entry: Entry, bits: &mut BitReader<'_>) -> u8 {
        let (symbol, len) = match entry.len {
            0 => self.find_long_code(bits.peek(16)).unwrap_or_else(|| {
                bits.note_unknown_code();
                UNKNOWN_CODE
            }),
            len => (entry.symbol, len.into()),
        };
        bits.consume(len);
        symbol
    }

    /// The symbol and the length of a code that is longer than [`LOOKUP_BITS`], given the next 16 bits. It does not
    /// take a [`BitReader`], so that the compiler can keep the reader in registers.
    #[cold]
    fn find_long_code(&self, next_16_bits: usize) -> Option<(u8, u32)> {
        let len = (LOOKUP_BITS + 1..=16).find(|&len| next_16_bits < self.limits[len as usize])?;
        let code = (next_16_bits >> (16 - len)).cast_signed();
        let index = (code + self.offsets[len as usize]).cast_unsigned();
        Some((*self.symbols.get(index)?, len))
    }
}

/// The symbol and the length that libjpeg takes for bits that match no code: the value 0, or the end of the block.
const UNKNOWN_CODE: (u8, u32) = (0, 17);

/// The symbol of sixteen zero coefficients, which has no value.
const SIXTEEN_ZEROS: u8 = 0xF0;

/// Coefficients of a block. As an index: the block is complete.
const BLOCK_LEN: usize = 64;

#[inline(always)]
fn read_value(bits: &mut BitReader<'_>, size: u8) -> i16 {
    let value = extend(bits.peek(size.into()), size.into());
    bits.consume(size.into());
    value
}

/// The value that `size` bits stand for: the lower half of them are negative (T.81, F.2.2.1, EXTEND).
#[inline(always)]
#[allow(clippy::cast_possible_truncation)] // 15 bits and a sign
fn extend(bits: usize, size: u32) -> i16 {
    let bits = bits as i32;
    (if bits < 1 << (size - 1) { bits - (1 << size) + 1 } else { bits }) as i16
}

/// For coefficients that the scale does not need: how many whole codes the next bits hold.
pub(crate) struct SkipTable(Box<[SkipEntry; 1 << SKIP_BITS]>);

/// Bits that one lookup covers.
// With 13, the table takes 16 kB, see `LOOKUP_BITS`; and the 56 bits of a refill are enough for four lookups.
const SKIP_BITS: u32 = 13;

/// As many whole codes with their values as fit into [`SKIP_BITS`]. The low 4 bits are their length in bits; the other
/// bits are the number of coefficients, plus [`ENDS_BLOCK`] if the last code ends the block.
type SkipEntry = u16;

/// Added to the number of coefficients of an entry that ends the block. More than any number of coefficients.
const ENDS_BLOCK: usize = 128;

impl SkipTable {
    pub(crate) fn new(table: &HuffmanTable) -> Self {
        let mut entries = Box::new([0; 1 << SKIP_BITS]);
        for (next_bits, entry) in entries.iter_mut().enumerate() {
            *entry = Self::entry(table, next_bits);
        }
        SkipTable(entries)
    }

    #[allow(clippy::cast_possible_truncation)] // 13 bits, and 128 and 63 coefficients
    fn entry(table: &HuffmanTable, next_bits: usize) -> SkipEntry {
        let (mut len, mut coefficients) = (0, 0);
        loop {
            let rest = (next_bits << len) & ((1 << SKIP_BITS) - 1);
            let code = table.lookup[rest >> (SKIP_BITS - LOOKUP_BITS)];
            let size = if code.value == 0 { code.symbol & 0xF } else { 0 };
            let next_len = len + u32::from(code.len) + u32::from(size);
            let zeros = usize::from(code.symbol >> 4);
            let ends_block = code.symbol & 0xF == 0 && code.symbol != SIXTEEN_ZEROS;
            let fits = code.len != 0 && next_len <= SKIP_BITS;
            if !fits || !ends_block && coefficients + zeros + 1 >= BLOCK_LEN {
                // Sentinel if not a single code fits: the number of coefficients makes `skip_rest` take the slow path.
                let coefficients = if len == 0 { BLOCK_LEN } else { coefficients };
                return (coefficients << 4) as SkipEntry | len as SkipEntry;
            }
            len = next_len;
            if ends_block {
                return ((coefficients + ENDS_BLOCK) << 4) as SkipEntry | len as SkipEntry;
            }
            coefficients += zeros + 1;
        }
    }

    /// Skips the rest of a block after the coefficient `index`.
    #[inline(always)]
    pub(crate) fn skip_rest(&self, table: &HuffmanTable, bits: &mut BitReader<'_>, index: usize) {
        let mut index = index;
        while index < BLOCK_LEN - 1 {
            bits.refill();
            // A refill loads 56 bits, which is enough for four lookups of 13.
            for _ in 0..4 {
                let entry = self.0[bits.peek(SKIP_BITS)];
                let next = index + usize::from(entry >> 4);
                if next < BLOCK_LEN - 1 {
                    bits.consume((entry & 0xF).into());
                    index = next;
                    continue;
                }
                if next >= ENDS_BLOCK && next - ENDS_BLOCK < BLOCK_LEN - 1 {
                    bits.consume((entry & 0xF).into());
                    return;
                }
                // The block may be complete before the last of these codes: take them one by one.
                index = table.skip_coefficient(bits, index);
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_a_code(len: usize, count: u8) -> bool {
        let mut counts = [0; 16];
        counts[len - 1] = count;
        HuffmanTable::new(&HuffmanDefinition { counts, symbols: vec![0; count.into()] }).is_some()
    }

    #[test]
    fn more_codes_than_a_length_has_are_refused() {
        for (len, count, expected) in [
            (1, 1, true),
            (1, 2, false), // the second has all bits set
            (3, 7, true),
            (3, 8, false),
            (3, 9, false),
            (8, 255, true),
            (16, 255, true),
            (1, 255, false),
        ] {
            assert_eq!(is_a_code(len, count), expected, "{count} codes of {len} bits");
        }
    }
}
