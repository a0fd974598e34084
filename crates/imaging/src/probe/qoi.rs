//! QOI (1.0): a header of 14 bytes.

use super::header::{DecodedPixels, StoredHeader};
use super::header_bytes::{HeaderBytes, Stop};
use crate::{Rejection, Size};

/// Bytes before the pixels.
pub(crate) const HEADER_LEN: usize = 14;

pub(super) fn read(header_bytes: &HeaderBytes<'_>) -> Result<StoredHeader, Stop> {
    let [width, height] = [header_bytes.array(4)?, header_bytes.array(8)?].map(u32::from_be_bytes);
    let [channels, _] = header_bytes.array(12)?;
    if !matches!(channels, 3 | 4) {
        return Err(Rejection::corrupt(format_args!("a QOI has 3 or 4 channels, not {channels}")).into());
    }
    let pixels = DecodedPixels { pixel_bytes: channels, has_alpha: channels == 4, decoder_bytes: 0 };
    Ok(StoredHeader { header_len: HEADER_LEN as u64, ..StoredHeader::still(Size::new(width, height), pixels) })
}
