//! Prefix codes, as a stream writes them (RFC 9649, 3.7.2): lengths of codes, in a code of their own.

use super::Fault;
use super::bits::Bits;

/// A prefix code.
pub(super) struct PrefixCode {
    /// Length of the longest code, in bits.
    longest: u32,
    /// For each value of the next `longest` bits: the symbol, and how many of the bits it uses.
    symbols: Vec<(u16, u8)>,
}

/// Symbols of the code that code lengths are written in; those above 15 repeat a length.
const LENGTH_SYMBOLS: usize = 19;
const LENGTH_ORDER: [usize; LENGTH_SYMBOLS] =
    [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

impl PrefixCode {
    /// Reads a code of that many symbols from the stream.
    pub(super) fn read(stream: &mut Bits<'_>, symbols: usize) -> Result<Self, Fault> {
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
            return PrefixCode::of(&lengths);
        }
        let mut of_lengths = [0; LENGTH_SYMBOLS];
        let count = stream.read(4)? as usize + 4;
        for &symbol in &LENGTH_ORDER[..count] {
            of_lengths[symbol] = stream.bits_u8(3)?;
        }
        let code = PrefixCode::of(&of_lengths)?;
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
        PrefixCode::of(&lengths)
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
                return Ok(PrefixCode { longest: 0, symbols: vec![(symbol(alone)?, 0)] });
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
        if code == 2 << longest { Ok(PrefixCode { longest, symbols }) } else { Err(Fault::Damaged) }
    }

    /// The stream's next symbol.
    pub(super) fn next(&self, stream: &mut Bits<'_>) -> Result<usize, Fault> {
        let (symbol, bits) = self.symbols[stream.peek(self.longest)];
        stream.take(bits.into())?;
        Ok(symbol.into())
    }
}
