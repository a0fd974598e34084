//! Huffman codes (ITU-T T.81, annex F.2.2), several bits at a glance.
//!
//! Most of the time of a JPEG goes into its codes, which come one after the other: where the next
//! one begins is known only when this one is. So the tables answer for more bits at a time than a
//! code has: code and value together, and, where the values are not wanted, as many whole codes as
//! fit.

use super::entropy::{BadCode, Bits};
use crate::ffi::libjpeg::Block;

/// A code as a JPEG describes it: how many symbols there are of each length, and which.
#[derive(Clone)]
pub(super) struct Code {
    pub(super) counts: [u8; 16],
    pub(super) symbols: Vec<u8>,
}

/// Codes that come with a value each: how many bits it has is the symbol's low half.
pub(super) struct Table {
    /// What the next [`GLANCE`] bits begin with.
    firsts: Box<[First; 1 << GLANCE]>,
    /// By length, the first code that is longer, moved up to 16 bits.
    limits: [usize; 17],
    /// By length, the place of its first symbol, less its first code.
    offsets: [isize; 17],
    symbols: Vec<u8>,
}

/// 8 kB a table: with those of two components, and the [`Runs`], no more than the fastest cache
/// holds.
const GLANCE: u32 = 11;

/// A code with its value, if both are short enough, or else a code alone.
#[derive(Clone, Copy, Default)]
struct First {
    /// 0 if there is no value, or not all of it.
    value: i16,
    /// Bits of what there is; 0 if not even the code is whole.
    len: u8,
    symbol: u8,
}

impl Table {
    /// `None` for what is no prefix code, or has all bits set in one.
    pub(super) fn of(code: &Code) -> Option<Self> {
        let mut table = Table {
            firsts: Box::new([First::default(); 1 << GLANCE]),
            limits: [0; 17],
            offsets: [0; 17],
            symbols: code.symbols.clone(),
        };
        let (mut next, mut place) = (0usize, 0usize);
        for (len, &count) in (1..=16u32).zip(&code.counts) {
            table.offsets[len as usize] = place.cast_signed() - next.cast_signed();
            // More codes than there are of that length, or one of set bits only.
            if count > 0 && next + usize::from(count) >= 1 << len {
                return None;
            }
            for _ in 0..count {
                let &symbol = code.symbols.get(place)?;
                if len <= GLANCE {
                    table.enter(next, len, symbol);
                }
                (next, place) = (next + 1, place + 1);
            }
            table.limits[len as usize] = next << (16 - len);
            next <<= 1;
        }
        Some(table)
    }

    /// Enters a short code, with all that may follow it.
    #[allow(clippy::cast_possible_truncation)] // of GLANCE bits at the most
    fn enter(&mut self, code: usize, len: u32, symbol: u8) {
        let rest = GLANCE - len;
        let size = u32::from(symbol & 0xF);
        let firsts = &mut self.firsts[code << rest..(code + 1) << rest];
        for (behind, first) in firsts.iter_mut().enumerate() {
            *first = if size > 0 && size <= rest {
                let value = extended(behind >> (rest - size), size);
                First { value, len: (len + size) as u8, symbol }
            } else {
                First { value: 0, len: len as u8, symbol }
            };
        }
    }

    /// Whether every symbol is the size of a DC difference.
    pub(super) fn is_of_differences(&self) -> bool {
        self.symbols.iter().all(|&symbol| symbol <= 15)
    }

    /// How far a block's DC is from the one before.
    #[inline(always)]
    pub(super) fn difference(&self, bits: &mut Bits<'_>) -> Result<i16, BadCode> {
        bits.refill();
        let first = self.firsts[bits.peek(GLANCE)];
        if first.value != 0 {
            bits.take(first.len.into());
            return Ok(first.value);
        }
        let size = self.symbol(first, bits)?;
        Ok(if size == 0 { 0 } else { value(bits, size) })
    }

    /// Decodes a block's AC coefficients up to `last`, in the order of [`ZIGZAG`], or a few more.
    /// What is returned is the index of the last one decoded, [`END`] if the block ended.
    #[inline(always)]
    pub(super) fn coefficients(
        &self,
        bits: &mut Bits<'_>,
        last: usize,
        block: &mut Block,
    ) -> Result<usize, BadCode> {
        let mut at = 0;
        while at < last {
            bits.refill();
            let first = self.firsts[bits.peek(GLANCE)];
            let value = if first.value != 0 {
                bits.take(first.len.into());
                at += 1 + usize::from(first.symbol >> 4);
                first.value
            } else {
                match self.symbol(first, bits)? {
                    SIXTEEN_ZEROS => {
                        at += 16;
                        continue;
                    }
                    symbol if symbol & 0xF == 0 => return Ok(END),
                    symbol => {
                        at += 1 + usize::from(symbol >> 4);
                        value(bits, symbol & 0xF)
                    }
                }
            };
            // A run beyond the end is a mistake that libjpeg forgives, in this way.
            block.0[usize::from(ZIGZAG[at.min(END - 1)])] = value;
        }
        Ok(at)
    }

    /// Passes one coefficient, with the zeros before it.
    #[inline(always)]
    fn pass(&self, bits: &mut Bits<'_>, at: usize) -> Result<usize, BadCode> {
        bits.refill();
        let first = self.firsts[bits.peek(GLANCE)];
        if first.value != 0 {
            bits.take(first.len.into());
            return Ok(at + 1 + usize::from(first.symbol >> 4));
        }
        match self.symbol(first, bits)? {
            SIXTEEN_ZEROS => Ok(at + 16),
            symbol if symbol & 0xF == 0 => Ok(END),
            symbol => {
                bits.take((symbol & 0xF).into());
                Ok(at + 1 + usize::from(symbol >> 4))
            }
        }
    }

    #[inline(always)]
    fn symbol(&self, first: First, bits: &mut Bits<'_>) -> Result<u8, BadCode> {
        let (symbol, len) = match first.len {
            0 => self.long_symbol(bits.peek(16))?,
            len => (first.symbol, len.into()),
        };
        bits.take(len);
        Ok(symbol)
    }

    /// A symbol and the length of its code, which is beyond a glance. Knows of no [`Bits`], so that
    /// those can stay in registers.
    #[cold]
    fn long_symbol(&self, ahead: usize) -> Result<(u8, u32), BadCode> {
        let len =
            (GLANCE + 1..=16).find(|&len| ahead < self.limits[len as usize]).ok_or(BadCode)?;
        let code = (ahead >> (16 - len)).cast_signed();
        let place = (code + self.offsets[len as usize]).cast_unsigned();
        Ok((*self.symbols.get(place).ok_or(BadCode)?, len))
    }
}

const SIXTEEN_ZEROS: u8 = 0xF0;

/// A block's coefficients are fewer.
const END: usize = 64;

#[inline(always)]
fn value(bits: &mut Bits<'_>, size: u8) -> i16 {
    let value = extended(bits.peek(size.into()), size.into());
    bits.take(size.into());
    value
}

/// A value of so many bits: those below the middle are negative.
#[inline(always)]
#[allow(clippy::cast_possible_truncation)] // 15 bits and a sign
fn extended(bits: usize, size: u32) -> i16 {
    let bits = bits as i32;
    (if bits < 1 << (size - 1) { bits - (1 << size) + 1 } else { bits }) as i16
}

/// For coefficients that nothing is made of: how many codes there are in the next bits.
pub(super) struct Runs(Box<[Run; 1 << LONG_GLANCE]>);

/// 16 kB.
const LONG_GLANCE: u32 = 13;

/// As many whole codes with their values as fit: in the low 4 bits how long they are, above by how
/// many coefficients they bring the block on.
type Run = u16;

/// Brought on by this much more, the block ends there.
const ENDS: usize = 128;

impl Runs {
    pub(super) fn of(table: &Table) -> Self {
        let mut runs = Box::new([0; 1 << LONG_GLANCE]);
        for (ahead, run) in runs.iter_mut().enumerate() {
            *run = Self::run(table, ahead);
        }
        Runs(runs)
    }

    #[allow(clippy::cast_possible_truncation)] // 13 bits, and 128 and 63 coefficients
    fn run(table: &Table, ahead: usize) -> Run {
        let (mut len, mut coefficients) = (0, 0);
        loop {
            let rest = (ahead << len) & ((1 << LONG_GLANCE) - 1);
            let first = table.firsts[rest >> (LONG_GLANCE - GLANCE)];
            let size = if first.value == 0 { first.symbol & 0xF } else { 0 };
            let next_len = len + u32::from(first.len) + u32::from(size);
            let zeros = usize::from(first.symbol >> 4);
            let ends = first.symbol & 0xF == 0 && first.symbol != SIXTEEN_ZEROS;
            if first.len == 0 || next_len > LONG_GLANCE || !ends && coefficients + zeros + 1 >= END
            {
                // Not one: longer than any block, and shorter than its end.
                let coefficients = if len == 0 { END } else { coefficients };
                return (coefficients << 4) as Run | len as Run;
            }
            len = next_len;
            if ends {
                return ((coefficients + ENDS) << 4) as Run | len as Run;
            }
            coefficients += zeros + 1;
        }
    }

    /// Passes what is left of a block behind the coefficient `at`.
    #[inline(always)]
    pub(super) fn pass_rest(
        &self,
        table: &Table,
        bits: &mut Bits<'_>,
        at: usize,
    ) -> Result<(), BadCode> {
        let mut at = at;
        while at < END - 1 {
            bits.refill();
            // So many are ready.
            for _ in 0..4 {
                let run = self.0[bits.peek(LONG_GLANCE)];
                let next = at + usize::from(run >> 4);
                if next < END - 1 {
                    bits.take((run & 0xF).into());
                    at = next;
                    continue;
                }
                if next >= ENDS && next - ENDS < END - 1 {
                    bits.take((run & 0xF).into());
                    return Ok(());
                }
                // The block may be full before all of these codes are used up.
                at = table.pass(bits, at)?;
                break;
            }
        }
        Ok(())
    }
}

/// In a block's order, where each coefficient stands in rows of eight.
#[rustfmt::skip]
pub(super) const ZIGZAG: [u8; 64] = [
     0,  1,  8, 16,  9,  2,  3, 10, 17, 24, 32, 25, 18, 11,  4,  5,
    12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13,  6,  7, 14, 21, 28,
    35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51,
    58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn is_a_code(len: usize, count: u8) -> bool {
        let mut counts = [0; 16];
        counts[len - 1] = count;
        Table::of(&Code { counts, symbols: vec![0; count.into()] }).is_some()
    }

    #[test]
    fn more_codes_than_a_length_has_are_no_code() {
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
