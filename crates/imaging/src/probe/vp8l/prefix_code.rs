//! Prefix codes (RFC 9649, section 3.7.2). A stream stores the lengths of a code, and these in a code of their own.

use super::bit_reader::BitReader;
use super::stream_error::StreamError;

pub(super) struct PrefixCode {
    /// Bits of the longest code.
    longest: u32,
    /// For each value of the next `longest` bits: the symbol, and how many of these bits it uses.
    symbols: Vec<(u16, u8)>,
}

/// Symbols of the code for lengths. Those above 15 repeat a length.
const LENGTH_SYMBOLS: usize = 19;
const LENGTH_ORDER: [usize; LENGTH_SYMBOLS] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

impl PrefixCode {
    /// Reads a code of this many symbols.
    pub(super) fn read(stream: &mut BitReader<'_>, symbols: usize) -> Result<Self, StreamError> {
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
            return PrefixCode::from_lengths(&lengths);
        }
        let mut length_code_lengths = [0; LENGTH_SYMBOLS];
        let count = stream.read(4)? as usize + 4;
        for &symbol in &LENGTH_ORDER[..count] {
            length_code_lengths[symbol] = stream.read_u8(3)?;
        }
        let code = PrefixCode::from_lengths(&length_code_lengths)?;
        let mut codes_left = symbols;
        if stream.flag()? {
            let bits = 2 + 2 * stream.read(3)?;
            codes_left = 2 + stream.read(bits)? as usize;
            if codes_left > symbols {
                return Err(StreamError::Invalid);
            }
        }
        let (mut at, mut last) = (0, 8);
        while at < symbols && codes_left > 0 {
            codes_left -= 1;
            let symbol = code.read_symbol(stream)?;
            let (length, times) = match symbol {
                0..16 => (u8::try_from(symbol).unwrap_or(0), 1),
                16 => (last, stream.read(2)? as usize + 3),
                17 => (0, stream.read(3)? as usize + 3),
                _ => (0, stream.read(7)? as usize + 11),
            };
            if length > 0 {
                last = length;
            }
            lengths.get_mut(at..at + times).ok_or(StreamError::Invalid)?.fill(length);
            at += times;
        }
        PrefixCode::from_lengths(&lengths)
    }

    /// The code of symbols with these lengths. It must use every combination of bits. A single symbol takes no bits.
    fn from_lengths(lengths: &[u8]) -> Result<Self, StreamError> {
        let symbol = |at: usize| u16::try_from(at).map_err(|_| StreamError::Invalid);
        let longest = u32::from(lengths.iter().copied().max().unwrap_or(0));
        let mut used = (0..lengths.len()).filter(|&at| lengths[at] > 0);
        match (used.next(), used.next()) {
            (None, _) => return Err(StreamError::Invalid),
            (Some(single), None) => {
                return Ok(PrefixCode { longest: 0, symbols: vec![(symbol(single)?, 0)] });
            }
            _ => {}
        }
        let mut symbols = vec![(0, 0); 1 << longest];
        let mut code = 0u32;
        for length in 1..=u8::try_from(longest).map_err(|_| StreamError::Invalid)? {
            let bits = u32::from(length);
            for at in (0..lengths.len()).filter(|&at| lengths[at] == length) {
                if code >> bits > 0 {
                    return Err(StreamError::Invalid);
                }
                // The stream has the first bit of a code lowest.
                let first = code.reverse_bits() >> (32 - bits);
                for entry in symbols.iter_mut().skip(first as usize).step_by(1 << bits) {
                    *entry = (symbol(at)?, length);
                }
                code += 1;
            }
            code <<= 1;
        }
        if code == 2 << longest { Ok(PrefixCode { longest, symbols }) } else { Err(StreamError::Invalid) }
    }

    /// Reads the next symbol.
    pub(super) fn read_symbol(&self, stream: &mut BitReader<'_>) -> Result<usize, StreamError> {
        let (symbol, bits) = self.symbols[stream.peek(self.longest)];
        stream.skip(bits.into())?;
        Ok(symbol.into())
    }
}
