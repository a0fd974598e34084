//! CCITT fax codes of Group 3 (one-dimensional) and Group 4, decoded by the crate `fax`.

use fax::decoder::{decode_g3, decode_g4};

use crate::RenderError;
use crate::probe::{TiffCompression, TiffLayout};

/// Decodes a chunk to one bit per pixel, where 1 is black.
pub(super) fn decode(layout: &TiffLayout, stored: &[u8], rows: u32) -> Result<Vec<u8>, RenderError> {
    let too_large = |_| RenderError::corrupt("a strip with fax codes has more than 65,535 px a side");
    let width = u16::try_from(layout.chunk.width).map_err(too_large)?;
    let height = u16::try_from(rows).map_err(too_large)?;
    let row_len = usize::from(width).div_ceil(8);
    let mut bits = Vec::new();
    let is_low_bit_first = layout.is_low_bit_first;
    let bytes = stored.iter().map(move |&byte| if is_low_bit_first { byte.reverse_bits() } else { byte });
    let add_row = |transitions: &[u16]| {
        // A damaged file may have any number of rows.
        if bits.len() < row_len * usize::from(height) {
            let start = bits.len();
            bits.resize(start + row_len, 0);
            // White and black alternate, beginning with white.
            for pair in transitions.chunks(2) {
                let black = pair.get(1).copied().unwrap_or(width).min(width);
                blacken(&mut bits[start..], pair[0].into(), black.into());
            }
        }
    };
    let decoded = match layout.compression {
        TiffCompression::Fax3 => {
            // The decoder returns a row at the mark of its end, which may be missing after the last one.
            const END_OF_ROW: [u8; 2] = [0, 1];
            let _ = decode_g3(bytes.chain(END_OF_ROW), add_row);
            Some(())
        }
        _ => decode_g4(bytes, width, Some(height), add_row),
    };
    match decoded {
        Some(()) if bits.len() == row_len * usize::from(height) => Ok(bits),
        _ => {
            let row = bits.len() / row_len.max(1) + 1;
            Err(RenderError::corrupt(format_args!("the fax codes of a strip end in its row {row} of {height}")))
        }
    }
}

/// Sets the bits of a row from `start` to `end`.
fn blacken(row: &mut [u8], start: usize, end: usize) {
    if start >= end {
        return;
    }
    let (first, last) = (start / 8, (end - 1) / 8);
    let (from, to) = (0xFF >> (start % 8), !(0x7F >> ((end - 1) % 8)));
    if first == last {
        row[first] |= from & to;
    } else {
        row[first] |= from;
        row[first + 1..last].fill(0xFF);
        row[last] |= to;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_between_two_places_are_set() {
        for (start, end) in (0..32).flat_map(|start| (0..=32).map(move |end| (start, end))) {
            let mut row = [0; 4];
            blacken(&mut row, start, end);
            let expected = (start..end).fold(0u32, |bits, at| bits | 1 << (31 - at));
            assert_eq!(u32::from_be_bytes(row), expected, "{start} to {end}");
        }
    }
}
