//! CCITT fax codes of Group 3 (one-dimensional) and Group 4, decoded by the crate `fax`.

use fax::Color;
use fax::decoder::{decode_g3, decode_g4, pels};

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
            for (x, colour) in pels(transitions, width).enumerate() {
                if colour == Color::Black {
                    bits[start + x / 8] |= 0x80 >> (x % 8);
                }
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
