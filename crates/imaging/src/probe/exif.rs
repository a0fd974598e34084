//! Reads the orientation from EXIF. No other tag is read.

use crate::Orientation;

/// The orientation that EXIF states, given the TIFF structure within it: tag 0x0112 of the first directory. Upright if
/// the tag is missing or invalid.
pub(crate) fn orientation(tiff: &[u8]) -> Orientation {
    find_orientation(tiff).map_or(Orientation::UPRIGHT, Orientation::from_exif)
}

fn find_orientation(tiff: &[u8]) -> Option<u16> {
    let order = match tiff.get(..4)? {
        b"II*\0" => ByteOrder::Little,
        b"MM\0*" => ByteOrder::Big,
        _ => return None,
    };
    let directory = usize::try_from(order.u32(tiff, 4)?).ok()?;
    let entries = usize::from(order.u16(tiff, directory)?);
    (0..entries)
        .map(|entry| directory.checked_add(2 + 12 * entry))
        .map_while(|at| Some((at?, order.u16(tiff, at?)?)))
        .find(|&(_, tag)| tag == ORIENTATION)
        // Some writers use LONG where the standard says SHORT.
        .and_then(|(at, _)| match order.u16(tiff, at + 2)? {
            SHORT => order.u16(tiff, at + 8),
            LONG => order.u32(tiff, at + 8).and_then(|value| value.try_into().ok()),
            _ => None,
        })
}

const ORIENTATION: u16 = 0x0112;
const SHORT: u16 = 3;
const LONG: u16 = 4;

enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    fn u16(&self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(match self {
            ByteOrder::Little => u16::from_le_bytes(bytes),
            ByteOrder::Big => u16::from_be_bytes(bytes),
        })
    }

    fn u32(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(match self {
            ByteOrder::Little => u32::from_le_bytes(bytes),
            ByteOrder::Big => u32::from_be_bytes(bytes),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LITTLE: &[u8] = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    const BIG: &[u8] = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";

    #[test]
    fn both_byte_orders_are_read() {
        assert_eq!(orientation(LITTLE).get(), 6);
        assert_eq!(orientation(BIG).get(), 6);
    }

    #[test]
    fn a_tag_that_is_truncated_anywhere_is_upright() {
        for tiff in [LITTLE, BIG] {
            // The last four bytes point to the next directory, which is not read.
            for len in 0..tiff.len() - 8 {
                assert_eq!(orientation(&tiff[..len]), Orientation::UPRIGHT, "{len} bytes");
            }
        }
    }

    #[test]
    fn a_directory_outside_the_bytes_is_upright() {
        let mut invalid = LITTLE.to_vec();
        invalid[4..8].copy_from_slice(&[0xFF; 4]);
        assert_eq!(orientation(&invalid), Orientation::UPRIGHT);
    }
}
