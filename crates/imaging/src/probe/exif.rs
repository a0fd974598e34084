//! The one EXIF tag that a rendition needs. Everything else in there is left behind, unread.

use crate::Orientation;

/// Tag 0x0112 of the first directory, in a TIFF structure as EXIF wraps it; upright if it is absent
/// or makes no sense.
pub(crate) fn orientation(tiff: &[u8]) -> Orientation {
    find(tiff).map_or(Orientation::UPRIGHT, Orientation::from_exif)
}

fn find(tiff: &[u8]) -> Option<u16> {
    let order = match tiff.get(..4)? {
        b"II*\0" => Order::Little,
        b"MM\0*" => Order::Big,
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

enum Order {
    Little,
    Big,
}

impl Order {
    fn u16(&self, bytes: &[u8], at: usize) -> Option<u16> {
        let bytes = bytes.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(match self {
            Order::Little => u16::from_le_bytes(bytes),
            Order::Big => u16::from_be_bytes(bytes),
        })
    }

    fn u32(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let bytes = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
        Some(match self {
            Order::Little => u32::from_le_bytes(bytes),
            Order::Big => u32::from_be_bytes(bytes),
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
    fn a_tag_cut_short_anywhere_is_upright() {
        for tiff in [LITTLE, BIG] {
            // The last four bytes point to the next directory, which nobody needs.
            for len in 0..tiff.len() - 8 {
                assert_eq!(orientation(&tiff[..len]), Orientation::UPRIGHT, "{len} bytes");
            }
        }
    }

    #[test]
    fn a_directory_outside_the_bytes_is_upright() {
        let mut lying = LITTLE.to_vec();
        lying[4..8].copy_from_slice(&[0xFF; 4]);
        assert_eq!(orientation(&lying), Orientation::UPRIGHT);
    }
}
