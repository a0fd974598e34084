//! TIFF (6.0) and BigTIFF: the first page. The directory may be anywhere in the file.
//!
//! Camera raw files are TIFFs whose first page is a preview. They are named, because the preview is not the picture.

mod directory;
mod layout;
mod raw;

use self::directory::Directory;
pub(crate) use self::directory::TiffNumbers;
pub(crate) use self::layout::{TiffAlpha, TiffColours, TiffCompression, TiffLayout};
use super::header::StoredHeader;
use super::header_bytes::{HeaderBytes, Stop};
use crate::Orientation;
use crate::colour::MAX_PROFILE_BYTES;

/// The tags that are read.
mod tag {
    pub(super) const SUBFILE_TYPE: u16 = 254;
    pub(super) const WIDTH: u16 = 256;
    pub(super) const HEIGHT: u16 = 257;
    pub(super) const BITS_PER_SAMPLE: u16 = 258;
    pub(super) const COMPRESSION: u16 = 259;
    pub(super) const PHOTOMETRIC: u16 = 262;
    pub(super) const FILL_ORDER: u16 = 266;
    pub(super) const MAKE: u16 = 271;
    pub(super) const STRIP_OFFSETS: u16 = 273;
    pub(super) const ORIENTATION: u16 = 274;
    pub(super) const SAMPLES_PER_PIXEL: u16 = 277;
    pub(super) const ROWS_PER_STRIP: u16 = 278;
    pub(super) const STRIP_BYTE_COUNTS: u16 = 279;
    pub(super) const PLANAR: u16 = 284;
    pub(super) const T4_OPTIONS: u16 = 292;
    pub(super) const PREDICTOR: u16 = 317;
    pub(super) const COLOUR_MAP: u16 = 320;
    pub(super) const TILE_WIDTH: u16 = 322;
    pub(super) const TILE_HEIGHT: u16 = 323;
    pub(super) const TILE_OFFSETS: u16 = 324;
    pub(super) const TILE_BYTE_COUNTS: u16 = 325;
    pub(super) const SUB_DIRECTORIES: u16 = 330;
    pub(super) const INK_SET: u16 = 332;
    pub(super) const EXTRA_SAMPLES: u16 = 338;
    pub(super) const SAMPLE_FORMAT: u16 = 339;
    pub(super) const JPEG_TABLES: u16 = 347;
    pub(super) const ICC_PROFILE: u16 = 34_675;
    pub(super) const DNG_VERSION: u16 = 50_706;
}

pub(super) fn read(header_bytes: &HeaderBytes<'_>) -> Result<StoredHeader, Stop> {
    let directory = Directory::first(header_bytes)?;
    raw::reject_raw(header_bytes, &directory)?;
    let layout = TiffLayout::read(&directory)?;
    let orientation = directory.number(tag::ORIENTATION)?.and_then(|number| u16::try_from(number).ok());
    let orientation = orientation.map_or(Orientation::UPRIGHT, Orientation::from_exif);
    let profile = layout.profile.map_or(0, |profile| profile.count.min(MAX_PROFILE_BYTES as u64));
    Ok(StoredHeader {
        orientation,
        header_memory: profile,
        ..StoredHeader::still(layout.size, layout.decoded_pixels())
    })
}

/// The layout of a file that is in memory.
pub(crate) fn tiff_layout(file: &[u8]) -> Option<TiffLayout> {
    let header_bytes = HeaderBytes { bytes: file, distant: &[], source_byte_len: file.len() as u64 };
    Directory::first(&header_bytes).and_then(|directory| TiffLayout::read(&directory)).ok()
}

/// The offset after the last pixels. While the offsets of the pixels are not in memory, the offset after those.
pub(super) fn data_end(header_bytes: &HeaderBytes<'_>) -> Option<u64> {
    let directory = Directory::first(header_bytes).ok()?;
    let layout = TiffLayout::read(&directory).ok()?;
    let values = [Some(layout.offsets), layout.byte_counts, layout.palette, layout.profile, layout.jpeg_tables];
    let values_end = values
        .into_iter()
        .flatten()
        .map(|values| values.at.saturating_add(values.count.saturating_mul(values.value_len)));
    let values_end = values_end.max().unwrap_or(0);
    if values_end > header_bytes.len() {
        return Some(values_end);
    }
    let chunks = 0..layout.chunk_count().min(layout.offsets.count);
    chunks.filter_map(|index| layout.chunk_range(header_bytes.bytes, index)).map(|range| range.end).max()
}
