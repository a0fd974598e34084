//! BMP: the header of the file, and the header of its bitmap (DIB), which icons have, too. All versions are read, from OS/2
//! 1.x to Windows 5.

use super::header::{DecodedPixels, StoredHeader};
use super::header_bytes::{HeaderBytes, Stop};
use crate::{Rejection, Size};

/// Bytes before the bitmap's header.
const FILE_HEADER_LEN: u64 = 14;

/// The header of a bitmap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dib {
    pub(crate) size: Size,
    pub(crate) is_top_down: bool,
    /// 1, 2, 4 or 8 for indices of the palette; 16, 24 or 32.
    pub(crate) bits_per_pixel: u16,
    pub(crate) compression: DibCompression,
    /// The bits of red, green, blue and alpha in a pixel of 16 or 32 bits. 0 if there are none.
    pub(crate) masks: [u32; 4],
    /// Bytes before the palette, or before the pixels if there is no palette.
    pub(crate) palette_at: usize,
    /// 3 (OS/2 1.x) or 4.
    pub(crate) palette_entry_len: usize,
    /// Colours that the file has. A longer palette is cut.
    pub(crate) palette_len: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DibCompression {
    None,
    /// Runs of indices, or, with 24 bits per pixel, of colours.
    RunLength,
}

const CORE_HEADER: u32 = 12;
const INFO_HEADER: u32 = 40;
const V2_HEADER: u32 = 52;
const V3_HEADER: u32 = 56;
const V4_HEADER: u32 = 108;
const V5_HEADER: u32 = 124;

/// The longest header, with the masks that may follow it.
pub(crate) const MAX_DIB_LEN: usize = V5_HEADER as usize + 16;

pub(super) fn read(header_bytes: &HeaderBytes<'_>) -> Result<StoredHeader, Stop> {
    let rest = header_bytes.source_byte_len.saturating_sub(FILE_HEADER_LEN);
    let dib = parse_dib(header_bytes.get(FILE_HEADER_LEN, rest.min(MAX_DIB_LEN as u64))?)?;
    let prefix_len = FILE_HEADER_LEN + dib.prefix_len() as u64;
    Ok(StoredHeader { header_len: prefix_len, ..StoredHeader::still(dib.size, dib.decoded_pixels()) })
}

/// Whether a number in the place of a bitmap header's length is one.
pub(super) fn is_dib_len(len: u32) -> bool {
    matches!(len, CORE_HEADER | 16..=64 | V4_HEADER | V5_HEADER)
}

/// Reads the header of a bitmap from its first bytes. [`MAX_DIB_LEN`] of them are enough.
pub(crate) fn parse_dib(bytes: &[u8]) -> Result<Dib, Rejection> {
    let u16_at = |at: usize| bytes.get(at..at + 2).map_or(0, |two| u16::from_le_bytes([two[0], two[1]]));
    let u32_at = |at: usize| u32::from(u16_at(at)) | u32::from(u16_at(at + 2)) << 16;
    let header_len = u32_at(0);
    if !is_dib_len(header_len) || bytes.len() < header_len as usize {
        return Err(Rejection::corrupt("the header of the bitmap is invalid"));
    }
    if header_len == CORE_HEADER {
        let (bits_per_pixel, size) = (u16_at(10), Size::new(u16_at(4).into(), u16_at(6).into()));
        let dib = Dib {
            size,
            is_top_down: false,
            bits_per_pixel,
            compression: DibCompression::None,
            masks: standard_masks(bits_per_pixel),
            palette_at: CORE_HEADER as usize,
            palette_entry_len: 3,
            palette_len: colours(bits_per_pixel),
        };
        return dib.checked(matches!(bits_per_pixel, 1 | 2 | 4 | 8 | 24));
    }
    // OS/2 2.x wrote headers of any length from 16 to 64 bytes. Fields that are cut off are 0.
    let field = |at: usize| if at + 4 <= header_len as usize { u32_at(at) } else { 0 };
    let (width, height) = (field(4).cast_signed(), field(8).cast_signed());
    let size = Size::new(u32::try_from(width).unwrap_or(0), height.unsigned_abs());
    let bits_per_pixel = u16_at(14);
    let is_windows = matches!(header_len, INFO_HEADER | V2_HEADER | V3_HEADER | V4_HEADER | V5_HEADER);
    let (compression, masks, mask_bytes, is_valid) = match (field(16), bits_per_pixel) {
        (0, 16 | 32) if header_len >= V4_HEADER => {
            // Only the mask of alpha counts.
            let [red, green, blue, _] = standard_masks(bits_per_pixel);
            (DibCompression::None, [red, green, blue, u32_at(52)], 0, true)
        }
        (0, 1 | 2 | 4 | 8 | 16 | 24 | 32) => (DibCompression::None, standard_masks(bits_per_pixel), 0, true),
        (1, 8) | (2, 4) => (DibCompression::RunLength, [0; 4], 0, true),
        (4, 24) if !is_windows => (DibCompression::RunLength, [0; 4], 0, true),
        (3 | 6, 16 | 32) if is_windows => {
            let has_alpha = field(16) == 6 || header_len >= V3_HEADER;
            let masks = [u32_at(40), u32_at(44), u32_at(48), if has_alpha { u32_at(52) } else { 0 }];
            let mask_bytes = match header_len {
                INFO_HEADER if has_alpha => 16,
                INFO_HEADER => 12,
                _ => 0,
            };
            (DibCompression::None, masks, mask_bytes, masks.iter().all(|&mask| is_contiguous(mask)))
        }
        (3, _) if !is_windows => return Err(Rejection::unsupported("BMP with Huffman codes")),
        (4, _) => return Err(Rejection::unsupported("BMP with a JPEG inside")),
        (5, _) => return Err(Rejection::unsupported("BMP with a PNG inside")),
        _ => (DibCompression::None, [0; 4], 0, false),
    };
    let stated = usize::try_from(field(32)).unwrap_or(usize::MAX);
    let dib = Dib {
        size,
        is_top_down: height < 0,
        bits_per_pixel,
        compression,
        masks,
        palette_at: header_len as usize + mask_bytes,
        palette_entry_len: 4,
        palette_len: if stated == 0 { colours(bits_per_pixel) } else { stated.min(colours(bits_per_pixel)) },
    };
    dib.checked(is_valid)
}

impl Dib {
    /// Bytes before the pixels, if they follow the palette.
    pub(crate) fn prefix_len(&self) -> usize {
        self.palette_at + self.palette_len * self.palette_entry_len
    }

    /// Bytes of a stored row. Rows are padded to 4 bytes.
    pub(crate) fn stored_stride(&self) -> u64 {
        self.stored_row_len().next_multiple_of(4)
    }

    /// Bytes of a stored row without its padding.
    pub(crate) fn stored_row_len(&self) -> u64 {
        (u64::from(self.size.width) * u64::from(self.bits_per_pixel)).div_ceil(8)
    }

    pub(crate) fn has_alpha(&self) -> bool {
        self.masks[3] > 0
    }

    pub(super) fn decoded_pixels(&self) -> DecodedPixels {
        let has_alpha = self.has_alpha();
        let decoder_bytes = match self.compression {
            DibCompression::RunLength => 3 * self.size.pixels(),
            // The first row is the last one in the file.
            DibCompression::None if !self.is_top_down => self.stored_stride() * (u64::from(self.size.height) + 1),
            DibCompression::None => self.stored_stride(),
        };
        DecodedPixels { pixel_bytes: if has_alpha { 4 } else { 3 }, has_alpha, decoder_bytes }
    }

    fn checked(self, is_valid: bool) -> Result<Self, Rejection> {
        if is_valid { Ok(self) } else { Err(Rejection::corrupt("the header of the bitmap is invalid")) }
    }
}

/// The most colours of a palette.
fn colours(bits_per_pixel: u16) -> usize {
    if bits_per_pixel <= 8 { 1 << bits_per_pixel } else { 0 }
}

fn standard_masks(bits_per_pixel: u16) -> [u32; 4] {
    match bits_per_pixel {
        16 => [0x7C00, 0x03E0, 0x001F, 0],
        32 => [0xFF_0000, 0xFF00, 0xFF, 0],
        _ => [0; 4],
    }
}

fn is_contiguous(mask: u32) -> bool {
    let ones = mask >> mask.trailing_zeros().min(31);
    ones & ones.wrapping_add(1) == 0
}
